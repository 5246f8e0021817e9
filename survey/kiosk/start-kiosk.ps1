<#
How does a Windows screen in the hall show nothing but the survey, and come back by itself?

  powershell -ExecutionPolicy Bypass -File survey\kiosk\start-kiosk.ps1 "http://localhost:8501/s/skm?station=loket-1"

To register the device (README, "Register a device") start it once with the address of the app and /station at its end.

Edge or Chrome runs full screen with a profile of its own, which holds what waits to be sent: never delete it by hand.
When the browser crashes, it is started again; when it is closed in the ordinary way, the script ends.

-TrustThisAddress   treat this plain http address as secure, so that the page starts without network. Only for an
                    address in the office's own network.
-Browser            the browser, when it is not found by itself
-ProfileFolder      the folder of its profile, by default one below %LOCALAPPDATA%
#>
param(
    [Parameter(Mandatory = $true)][ValidatePattern('^https?://')][string]$Address,
    [switch]$TrustThisAddress,
    [string]$Browser = '',
    [string]$ProfileFolder = (Join-Path $env:LOCALAPPDATA 'SurveyKiosk')
)
$ErrorActionPreference = 'Stop'

if (-not $Browser) {
    $places = foreach ($root in @($env:ProgramFiles, ${env:ProgramFiles(x86)}, $env:LOCALAPPDATA)) {
        if ($root) {
            Join-Path $root 'Google\Chrome\Application\chrome.exe'
            Join-Path $root 'Microsoft\Edge\Application\msedge.exe'
        }
    }
    $Browser = $places | Where-Object { Test-Path $_ } | Select-Object -First 1
}
if (-not $Browser -or -not (Test-Path $Browser)) {
    Write-Error 'No Chrome or Edge was found. Name it with -Browser.'
    exit 2
}
New-Item -ItemType Directory -Force -Path $ProfileFolder | Out-Null

# What the browser remembers of persons goes; its storage (IndexedDB: what waits; the page kept for offline) stays.
function Clear-Traces {
    $left = 'History', 'History-journal', 'Cookies', 'Cookies-journal', 'Network', 'Sessions', 'Session Storage',
        'Local Storage', 'Login Data', 'Login Data-journal', 'Web Data', 'Web Data-journal', 'Favicons',
        'Favicons-journal', 'Top Sites', 'Top Sites-journal', 'Visited Links', 'Shortcuts', 'Shortcuts-journal'
    foreach ($name in $left) {
        Remove-Item -Recurse -Force -ErrorAction SilentlyContinue (Join-Path $ProfileFolder "Default\$name")
    }
}

$switches = @(
    '--kiosk', '--edge-kiosk-type=fullscreen', "--user-data-dir=`"$ProfileFolder`"", '--no-first-run',
    '--no-default-browser-check', '--disable-session-crashed-bubble', '--hide-crash-restore-bubble', '--disable-infobars',
    '--disable-pinch', '--overscroll-history-navigation=0', '--disable-features=Translate,MediaRouter',
    '--disable-component-update', '--disable-background-networking', '--disable-sync', '--disable-breakpad',
    '--noerrdialogs', '--disable-print-preview', '--deny-permission-prompts'
)
if ($TrustThisAddress) {
    $origin = ([Uri]$Address).GetLeftPart([UriPartial]::Authority)
    $switches += "--unsafely-treat-insecure-origin-as-secure=$origin", '--test-type'
}

$wait = 1
while ($true) {
    Clear-Traces
    $began = Get-Date
    $running = Start-Process -FilePath $Browser -ArgumentList ($switches + "`"$Address`"") -PassThru
    $running.WaitForExit()
    if ($running.ExitCode -eq 0) { exit 0 }
    # Longer and longer between crashes at the start, up to half a minute; anew after five good minutes.
    if (((Get-Date) - $began).TotalSeconds -ge 300) { $wait = 1 }
    Write-Warning "The browser ended with $($running.ExitCode); it starts again in $wait s."
    Start-Sleep -Seconds $wait
    $wait = [Math]::Min($wait * 2, 30)
}
