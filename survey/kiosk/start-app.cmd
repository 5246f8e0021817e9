@echo off
rem Starts the survey on Windows by a double click; the first time it fetches the parts of the program.
cd /d "%~dp0..\.."
if not exist .venv\Scripts\python.exe py -m venv .venv
if not exist .venv\Scripts\python.exe goto nopython
if not exist .venv\ready.txt (
  .venv\Scripts\python -m pip install -r requirements.txt
  if errorlevel 1 goto failed
  echo ready> .venv\ready.txt
)
.venv\Scripts\python -m streamlit run app.py
pause
exit /b
:nopython
echo Python belum terpasang. Pasang dari python.org, centang "Add python.exe to PATH", lalu coba lagi.
echo Python is not installed. Install it from python.org, tick "Add python.exe to PATH", then try again.
pause
exit /b 1
:failed
echo Bagian program tidak dapat diambil. Periksa sambungan internet, lalu coba lagi.
echo The parts of the program could not be fetched. Check the internet, then try again.
pause
exit /b 1
