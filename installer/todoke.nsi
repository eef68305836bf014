; Installer of とどけ: for one Windows user, without administrator rights. Made by `cargo xtask windows`, which passes
;   VERSION   version of the program, for example 0.1.0
;   FILES     folder with the programs
;   TEXTS     folder with the licences
;   OUT       file to write
;   SIGN      command that signs the file named by its last argument; empty leaves the uninstaller unsigned
;
; Words for a silent installation (/S): /AUTOSTART /ASSOCIATE /RELAUNCH /D=folder (last). For a silent removal: /DELETEDATA.
; Exit codes: 0 done, 1 cancelled, 2 failed and nothing changed, 3 a newer version is there, 4 the program would not close.

Unicode true
!ifdef TARGET
  Target ${TARGET}
!endif
SetCompressor /SOLID lzma
; In MB. The window and todoke.exe share most of their code and the font: what the first one holds must still be in sight when
; the second one is packed, which makes the installer smaller by a third.
SetCompressorDictSize 64
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WordFunc.nsh"

!define NAME "とどけ"
!define PROGRAM "todoke-desktop.exe"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Todoke"
!define APP_ID_KEY "Software\Classes\AppUserModelId\jp.todoke.desktop"
!define RUN_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
!define WEBVIEW2 "{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!define WEBVIEW2_SETUP "https://go.microsoft.com/fwlink/p/?LinkId=2124703"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Todoke"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIFileVersion "${VERSION}.0"
VIAddVersionKey /LANG=1041 "ProductName" "${NAME}"
VIAddVersionKey /LANG=1041 "FileDescription" "${NAME} のインストール"
VIAddVersionKey /LANG=1041 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1041 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1041 "LegalCopyright" "The Todoke authors"
!if "${SIGN}" != ""
  !uninstfinalize '${SIGN} "%1"'
!endif

!define MUI_ICON "..\icons\icon.ico"
!define MUI_UNICON "..\icons\icon.ico"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_SMALLDESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_FINISHPAGE_RUN_TEXT "${NAME}を開く"

!insertmacro MUI_PAGE_LICENSE "${TEXTS}\LICENSE.txt"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Japanese"

; Leaves with an exit code that a script can read.
!macro Leave code
  Call Relaunch
  SetErrorLevel ${code}
  Quit
!macroend

; Opens the program again after an update that the program itself asked for, also when the old one stayed.
Function Relaunch
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/RELAUNCH" $1
  ${IfNot} ${Errors}
    ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
      Exec '"$INSTDIR\${PROGRAM}"'
    ${EndIf}
  ${EndIf}
FunctionEnd

Function .onInstSuccess
  Call Relaunch
FunctionEnd

; Waits until the program is closed. A running one is asked to end, which it does as soon as nothing is being written.
!macro CloseProgram un
  Function ${un}CloseProgram
    ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
      again:
      StrCpy $1 0
      ${DoWhile} $1 < 40
        StrCpy $2 "free"
        ; A program that runs cannot be opened for writing.
        ClearErrors
        FileOpen $0 "$INSTDIR\${PROGRAM}" a
        ${If} ${Errors}
          StrCpy $2 "busy"
        ${Else}
          FileClose $0
        ${EndIf}
        ${If} ${FileExists} "$INSTDIR\todoke.exe"
          ClearErrors
          FileOpen $0 "$INSTDIR\todoke.exe" a
          ${If} ${Errors}
            StrCpy $2 "busy"
          ${Else}
            FileClose $0
          ${EndIf}
        ${EndIf}
        ${If} $2 == "free"
          Return
        ${EndIf}
        ${If} $1 == 0
          Exec '"$INSTDIR\${PROGRAM}" --quit'
        ${EndIf}
        Sleep 500
        IntOp $1 $1 + 1
      ${Loop}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "${NAME}が動いています。送信が終わるのを待って${NAME}を閉じ、「再試行」を押してください。" /SD IDCANCEL IDRETRY again
      !if "${un}" == ""
        RMDir /r "$INSTDIR\new"
        Call Relaunch
      !endif
      SetErrorLevel 4
      Quit
    ${EndIf}
  FunctionEnd
!macroend
!insertmacro CloseProgram ""
!insertmacro CloseProgram "un."

; Returns on the stack the version of the WebView2 runtime, empty when there is none.
Function WebView2Version
  SetRegView 64
  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\${WEBVIEW2}" "pv"
  ${If} $0 == ""
    ReadRegStr $0 HKLM "SOFTWARE\Microsoft\EdgeUpdate\Clients\${WEBVIEW2}" "pv"
  ${EndIf}
  ${If} $0 == ""
    ReadRegStr $0 HKCU "Software\Microsoft\EdgeUpdate\Clients\${WEBVIEW2}" "pv"
  ${EndIf}
  ${If} $0 == "0.0.0.0"
    StrCpy $0 ""
  ${EndIf}
  Push $0
FunctionEnd

; Fetches Microsoft's own small installer of WebView2 and starts it; only when it carries Microsoft's signature.
Function FetchWebView2
  DetailPrint "Microsoft Edge WebView2 を用意しています…"
  StrCpy $1 "$PLUGINSDIR\MicrosoftEdgeWebview2Setup.exe"
  nsExec::Exec '"$SYSDIR\curl.exe" --silent --fail --location --max-time 120 --output "$1" "${WEBVIEW2_SETUP}"'
  Pop $0
  ${If} $0 == 0
    nsExec::Exec `"$SYSDIR\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -NonInteractive -Command "$$s = Get-AuthenticodeSignature -LiteralPath '$1'; if ($$s.Status -ne 'Valid' -or $$s.SignerCertificate.Subject -notmatch 'O=Microsoft Corporation') { exit 1 }"`
    Pop $0
    ${If} $0 == 0
      ExecWait '"$1" /silent /install' $0
    ${EndIf}
  ${EndIf}
FunctionEnd

Section "${NAME}（必要）" main
  SectionIn RO
  ; Everything is unpacked beside the old files first; these are touched only when all of the new ones are whole.
  StrCpy $9 "$INSTDIR\new"
  RMDir /r "$9"
  ClearErrors
  SetOutPath "$9"
  File "${FILES}\todoke-desktop.exe"
  File "${FILES}\todoke.exe"
  File "${FILES}\WebView2Loader.dll"
  File "${TEXTS}\LICENSE.txt"
  File "${TEXTS}\THIRD-PARTY-NOTICES.txt"
  WriteUninstaller "$9\uninstall.exe"
  SetOutPath "$INSTDIR"
  ${If} ${Errors}
    RMDir /r "$9"
    MessageBox MB_OK|MB_ICONSTOP "ファイルを書けませんでした。空き容量と、フォルダー「$INSTDIR」に書けるかを確かめて、もう一度お試しください。前からあった${NAME}はそのまま使えます。" /SD IDOK
    !insertmacro Leave 2
  ${EndIf}
  Call CloseProgram

  RMDir /r "$INSTDIR\old"
  CreateDirectory "$INSTDIR\old"
  !macro Swap file
    ClearErrors
    ${If} ${FileExists} "$INSTDIR\${file}"
      Rename "$INSTDIR\${file}" "$INSTDIR\old\${file}"
    ${EndIf}
    Rename "$9\${file}" "$INSTDIR\${file}"
    ${If} ${Errors}
      Goto undo
    ${EndIf}
  !macroend
  !insertmacro Swap "WebView2Loader.dll"
  !insertmacro Swap "todoke.exe"
  !insertmacro Swap "LICENSE.txt"
  !insertmacro Swap "THIRD-PARTY-NOTICES.txt"
  !insertmacro Swap "uninstall.exe"
  !insertmacro Swap "todoke-desktop.exe"
  Goto swapped
  undo:
  CopyFiles /SILENT "$INSTDIR\old\*.*" "$INSTDIR"
  RMDir /r "$9"
  RMDir /r "$INSTDIR\old"
  MessageBox MB_OK|MB_ICONSTOP "新しい版に入れ替えられませんでした。前の版に戻しました。パソコンを再起動してから、もう一度お試しください。" /SD IDOK
  !insertmacro Leave 2
  swapped:
  RMDir /r "$INSTDIR\old"
  RMDir /r "$9"

  CreateShortCut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}" "" "$INSTDIR\${PROGRAM}" 0 SW_SHOWNORMAL "" "介護の請求を確かめて送り、返戻を追いかけます"
  ; Without a name Windows shows no messages of the program.
  WriteRegStr HKCU "${APP_ID_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "The Todoke authors"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" $0

  Call WebView2Version
  Pop $0
  ${If} $0 == ""
    Call FetchWebView2
    Call WebView2Version
    Pop $0
  ${EndIf}
  ${If} $0 == ""
    MessageBox MB_OK|MB_ICONINFORMATION "${NAME}の画面を出すには、Microsoft Edge WebView2 ランタイムがいります。いまは用意できませんでした。$\r$\n$\r$\nインターネットにつないで、この画面をもう一度開くか、パソコンの管理者に「WebView2 ランタイムを入れてください」とお伝えください。${NAME}は入りました。" /SD IDOK
  ${EndIf}
SectionEnd

Section /o "パソコンに入ったとき自動で開く" autostart
  WriteRegStr HKCU "${RUN_KEY}" "Todoke" '"$INSTDIR\${PROGRAM}" --hidden'
SectionEnd

Section /o "CSVを右クリックしたとき「${NAME}」を出す" associate
  WriteRegStr HKCU "Software\Classes\Todoke.Claim" "" "請求ファイル"
  WriteRegStr HKCU "Software\Classes\Todoke.Claim\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "Software\Classes\Todoke.Claim\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  ; Only offered under "open with": the program that opens a CSV by a double click stays what it was.
  WriteRegStr HKCU "Software\Classes\.csv\OpenWithProgids" "Todoke.Claim" ""
SectionEnd

; What was chosen before and is not any more.
Section "-unchosen"
  ${IfNot} ${SectionIsSelected} ${autostart}
    DeleteRegValue HKCU "${RUN_KEY}" "Todoke"
  ${EndIf}
  ${IfNot} ${SectionIsSelected} ${associate}
    DeleteRegKey HKCU "Software\Classes\Todoke.Claim"
    DeleteRegValue HKCU "Software\Classes\.csv\OpenWithProgids" "Todoke.Claim"
  ${EndIf}
SectionEnd

Function .onInit
  ReadRegStr $0 HKCU "${UNINSTALL_KEY}" "DisplayVersion"
  ${If} $0 != ""
    ${VersionCompare} "$0" "${VERSION}" $1
    ${If} $1 == 1
      MessageBox MB_OK|MB_ICONSTOP "このパソコンには、もっと新しい版（$0）の${NAME}があります。古い版（${VERSION}）には戻せません。データは新しい版の形になっているためです。" /SD IDOK
      !insertmacro Leave 3
    ${EndIf}
  ${EndIf}

  ; What was chosen last time, or on the command line, is chosen again.
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AUTOSTART" $1
  ${If} ${Errors}
    ReadRegStr $1 HKCU "${RUN_KEY}" "Todoke"
    ${If} $1 != ""
      !insertmacro SelectSection ${autostart}
    ${EndIf}
  ${Else}
    !insertmacro SelectSection ${autostart}
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/ASSOCIATE" $1
  ${If} ${Errors}
    ReadRegStr $1 HKCU "Software\Classes\Todoke.Claim" ""
    ${If} $1 != ""
      !insertmacro SelectSection ${associate}
    ${EndIf}
  ${Else}
    !insertmacro SelectSection ${associate}
  ${EndIf}
FunctionEnd

LangString MAIN_TEXT 1041 "プログラム本体です。管理者の権限はいりません。"
LangString AUTOSTART_TEXT 1041 "締切や受付の結果を、開いていなくてもお知らせします。あとで変えるときは、Windowsの設定の「スタートアップ」で切り替えます。"
LangString ASSOCIATE_TEXT 1041 "CSVを開くいつものソフトは変わりません。"
!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${main} $(MAIN_TEXT)
  !insertmacro MUI_DESCRIPTION_TEXT ${autostart} $(AUTOSTART_TEXT)
  !insertmacro MUI_DESCRIPTION_TEXT ${associate} $(ASSOCIATE_TEXT)
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Section "un.${NAME}（必要）" un_main
  SectionIn RO
  Call un.CloseProgram
  Delete "$INSTDIR\todoke-desktop.exe"
  Delete "$INSTDIR\todoke.exe"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\THIRD-PARTY-NOTICES.txt"
  Delete "$INSTDIR\uninstall.exe"
  ; Only when it is empty: what a person put there stays.
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegValue HKCU "${RUN_KEY}" "Todoke"
  DeleteRegKey HKCU "Software\Classes\Todoke.Claim"
  DeleteRegValue HKCU "Software\Classes\.csv\OpenWithProgids" "Todoke.Claim"
  DeleteRegKey HKCU "${APP_ID_KEY}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
SectionEnd

Section /o "un.送った請求・通知・返戻の記録も消す" un_data
  MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "このパソコンの、送った請求・通知・返戻の記録をすべて消します。元に戻せません。請求の記録は、法令で保存の期間が決まっています。$\r$\n$\r$\n本当に消しますか。" /SD IDYES IDNO keep
  RMDir /r "$LOCALAPPDATA\todoke"
  ; What the page remembers: size of the text, place of the window.
  RMDir /r "$LOCALAPPDATA\jp.todoke.desktop"
  RMDir /r "$APPDATA\jp.todoke.desktop"
  keep:
SectionEnd

LangString UN_MAIN_TEXT 1041 "プログラムだけを取り除きます。送った請求や返戻の記録は残り、もう一度入れると続きから使えます。"
LangString UN_DATA_TEXT 1041 "印を付けたときだけ消します。受領書などのPDF（「ドキュメント」の「とどけ」）は残ります。"
!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${un_main} $(UN_MAIN_TEXT)
  !insertmacro MUI_DESCRIPTION_TEXT ${un_data} $(UN_DATA_TEXT)
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END

Function un.onInit
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/DELETEDATA" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${un_data}
  ${EndIf}
FunctionEnd
