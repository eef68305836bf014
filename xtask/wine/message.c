/* For tests under Wine alone: waits until another program shows a message of Windows, prints its title and its text in
   UTF-8, and presses its button. Ends with 1 when none comes within a minute. */
#include <stdio.h>
#include <windows.h>

static void print(const wchar_t *text)
{
    char bytes[4096];
    int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL);
    if (length > 1) {
        fwrite(bytes, 1, (size_t)length - 1, stdout);
        putchar('\n');
    }
}

static BOOL CALLBACK print_part(HWND part, LPARAM unused)
{
    wchar_t text[2048] = L"";
    (void)unused;
    /* Asked by message: the text of another program's control is given in no other way. */
    SendMessageW(part, WM_GETTEXT, 2048, (LPARAM)text);
    print(text);
    return TRUE;
}

int main(void)
{
    int turn;
    for (turn = 0; turn < 600; turn++) {
        /* The class of every message of Windows. */
        HWND message = FindWindowW(L"#32770", NULL);
        if (message != NULL && IsWindowVisible(message)) {
            print_part(message, 0);
            EnumChildWindows(message, print_part, 0);
            fflush(stdout);
            PostMessageW(message, WM_COMMAND, IDOK, 0);
            return 0;
        }
        Sleep(100);
    }
    return 1;
}
