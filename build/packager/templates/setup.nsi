Unicode true
Target amd64-unicode
Name "{{q .Name}}"
OutFile "{{q .Out}}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\{{q .Name}}"
SetCompressor /SOLID lzma
SetDateSave off
ManifestDPIAware true
Icon "{{q .Icon}}"
UninstallIcon "{{q .Icon}}"
VIProductVersion "{{.Version4}}"
VIFileVersion "{{.Version4}}"
VIAddVersionKey "ProductName" "{{q .Name}}"
VIAddVersionKey "FileDescription" "{{q .Name}} Setup"
VIAddVersionKey "CompanyName" "{{q .Publisher}}"
VIAddVersionKey "LegalCopyright" "© {{q .Copyright}}"
VIAddVersionKey "ProductVersion" "{{q .Version}}"
VIAddVersionKey "FileVersion" "{{q .Version}}"
{{with .Sign}}!uninstfinalize '"{{.}}" "%1"' = 0
{{end}}
!include LogicLib.nsh
!include x64.nsh

!define CLASSES "Software\Classes"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\{{.ID}}"
!define WEBVIEW2 "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!define BOOTSTRAPPER "https://go.microsoft.com/fwlink/p/?LinkId=2124703"

Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Function .onInit
  SetRegView 64
  ReadRegStr $0 HKCU "${UNINSTALL}" "InstallLocation"
  ${If} $0 != ""
    StrCpy $INSTDIR $0
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

; $0 is the version of the WebView2 runtime, "" if there is none.
Function FindWebView2
  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW2}" "pv"
  ${If} $0 == ""
    ReadRegStr $0 HKLM "SOFTWARE\${WEBVIEW2}" "pv"
  ${EndIf}
  ${If} $0 == ""
    ReadRegStr $0 HKCU "Software\${WEBVIEW2}" "pv"
  ${EndIf}
  ${If} $0 == "0.0.0.0"
    StrCpy $0 ""
  ${EndIf}
FunctionEnd

Section "WebView2"
  Call FindWebView2
  ${If} $0 == ""
    DetailPrint "Downloading Microsoft's WebView2 runtime"
    InitPluginsDir
    nsExec::ExecToLog '"$SYSDIR\curl.exe" --fail --location --silent --show-error --max-time 300 --output "$PLUGINSDIR\webview2.exe" "${BOOTSTRAPPER}"'
    Pop $1
    ${If} $1 == 0
      ExecWait '"$PLUGINSDIR\webview2.exe" /silent /install' $1
    ${EndIf}
    Call FindWebView2
    ${If} $0 == ""
      DetailPrint "Microsoft's WebView2 runtime could not be installed"
      MessageBox MB_OK|MB_ICONEXCLAMATION "{{q .Name}} needs Microsoft's WebView2 runtime, which could not be installed. Get it from https://developer.microsoft.com/microsoft-edge/webview2" /SD IDOK
    ${EndIf}
  ${EndIf}
SectionEnd

Section "Program"
  SetOutPath "$INSTDIR"
  File "/oname={{.Executable}}.exe" "{{q .Program}}"
  File "/oname={{.Executable}}.ico" "{{q .Icon}}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\{{q .Name}}.lnk" "$INSTDIR\{{.Executable}}.exe" "" "$INSTDIR\{{.Executable}}.ico"

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "{{q .Name}}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "{{q .Version}}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "{{q .Publisher}}"
  WriteRegStr HKCU "${UNINSTALL}" "URLInfoAbout" "{{q .Homepage}}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\{{.Executable}}.ico"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" {{.Sized}}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
{{with .Scheme}}
  WriteRegStr HKCU "${CLASSES}\{{.}}" "" "URL:{{q $.Name}}"
  WriteRegStr HKCU "${CLASSES}\{{.}}" "URL Protocol" ""
  WriteRegStr HKCU "${CLASSES}\{{.}}\DefaultIcon" "" "$INSTDIR\{{$.Executable}}.ico"
  WriteRegStr HKCU "${CLASSES}\{{.}}\shell\open\command" "" '"$INSTDIR\{{$.Executable}}.exe" "%1"'
{{end}}{{range $n, $type := .FileTypes}}{{if .Extensions}}
  WriteRegStr HKCU "${CLASSES}\{{$.ID}}.{{$n}}" "" "{{q .Name}}"
  WriteRegStr HKCU "${CLASSES}\{{$.ID}}.{{$n}}\DefaultIcon" "" "$INSTDIR\{{$.Executable}}.ico"
  WriteRegStr HKCU "${CLASSES}\{{$.ID}}.{{$n}}\shell\open\command" "" '"$INSTDIR\{{$.Executable}}.exe" "%1"'
{{range .Extensions}}  WriteRegStr HKCU "${CLASSES}\.{{.}}\OpenWithProgids" "{{$.ID}}.{{$n}}" ""
{{end}}{{end}}{{end}}  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section "Uninstall"
  Delete "$SMPROGRAMS\{{q .Name}}.lnk"
  Delete "$INSTDIR\{{.Executable}}.exe"
  Delete "$INSTDIR\{{.Executable}}.ico"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL}"
{{with .Scheme}}  DeleteRegKey HKCU "${CLASSES}\{{.}}"
{{end}}{{range $n, $type := .FileTypes}}{{if .Extensions}}  DeleteRegKey HKCU "${CLASSES}\{{$.ID}}.{{$n}}"
{{range .Extensions}}  DeleteRegValue HKCU "${CLASSES}\.{{.}}\OpenWithProgids" "{{$.ID}}.{{$n}}"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.{{.}}\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.{{.}}"
{{end}}{{end}}{{end}}  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd
