@echo off
rem Starts the kiosk on Windows. Set the address, then double-click this file, or put a shortcut to it into the folder
rem that opens with Win+R, shell:startup - so it starts when the kiosk's user logs in.
setlocal
if "%~1"=="" (set "ADDRESS=http://localhost:8501/s/skm?station=loket-1") else set "ADDRESS=%~1"
powershell -NoProfile -ExecutionPolicy Bypass -WindowStyle Hidden -File "%~dp0start-kiosk.ps1" "%ADDRESS%"
