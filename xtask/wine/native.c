/* Test only: stands in for a tool of this machine (pdftotext, pdftoppm) in Wine's Windows, under the tool's name. Wine starts
   programs of this machine, but tells neither when they end nor how: a script leaves the exit code in a file. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

typedef char *(CDECL *unix_name_of)(const wchar_t *);

static unix_name_of unix_name;

/* Writes an argument in quotes for the shell; what is a path of Windows as this machine calls it. */
static void write_argument(FILE *script, const wchar_t *argument)
{
    char plain[32768];
    const char *text = plain;
    if (wcschr(argument, L'\\') || (argument[0] && argument[1] == L':')) {
        text = unix_name(argument);
        if (!text) exit(96);
    } else {
        WideCharToMultiByte(CP_UTF8, 0, argument, -1, plain, sizeof plain, NULL, NULL);
    }
    fputs(" '", script);
    for (; *text; text++) {
        if (*text == '\'') fputs("'\\''", script);
        else fputc(*text, script);
    }
    fputc('\'', script);
}

/* Writes what the tool said to where this program's reader waits: a pipe of Windows is none of this machine's. */
static void pass_on(const wchar_t *script, const wchar_t *ending, DWORD to)
{
    wchar_t path[MAX_PATH];
    static char bytes[65536];
    DWORD length, written;
    swprintf(path, MAX_PATH, L"%ls%ls", script, ending);
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) exit(94);
    while (ReadFile(file, bytes, sizeof bytes, &length, NULL) && length > 0)
        if (!WriteFile(GetStdHandle(to), bytes, length, &written, NULL)) exit(93);
    CloseHandle(file);
    DeleteFileW(path);
}

int wmain(int argc, wchar_t **argv)
{
    wchar_t folder[MAX_PATH], own[MAX_PATH], path[MAX_PATH], ended[MAX_PATH], line[2 * MAX_PATH];
    unix_name = (unix_name_of)(void *)GetProcAddress(GetModuleHandleW(L"kernel32"), "wine_get_unix_file_name");
    if (!unix_name) return 97;
    GetTempPathW(MAX_PATH, folder);
    GetModuleFileNameW(NULL, own, MAX_PATH);
    wchar_t *tool = wcsrchr(own, L'\\') + 1;
    *wcsrchr(tool, L'.') = 0;
    swprintf(path, MAX_PATH, L"%lsnative-%lu.sh", folder, GetCurrentProcessId());
    swprintf(ended, MAX_PATH, L"%lsnative-%lu.ended", folder, GetCurrentProcessId());

    FILE *script = _wfopen(path, L"wb");
    if (!script) return 98;
    fprintf(script, "%ls", tool);
    for (int index = 1; index < argc; index++) write_argument(script, argv[index]);
    fputs(" > \"$0.out\" 2> \"$0.err\"\necho $? > \"$0.code\"\nmv \"$0.code\"", script);
    write_argument(script, ended);
    fclose(script);

    STARTUPINFOW startup = { .cb = sizeof startup };
    PROCESS_INFORMATION process;
    wchar_t wide[MAX_PATH];
    MultiByteToWideChar(CP_UTF8, 0, unix_name(path), -1, wide, MAX_PATH);
    swprintf(line, 2 * MAX_PATH, L"sh \"%ls\"", wide);
    if (!CreateProcessW(L"Z:\\bin\\sh", line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) return 99;

    for (int tenths = 0; tenths < 12000; tenths++) {
        FILE *file = _wfopen(ended, L"rb");
        int code;
        if (file && fscanf(file, "%d", &code) == 1) {
            fclose(file);
            pass_on(path, L".out", STD_OUTPUT_HANDLE);
            pass_on(path, L".err", STD_ERROR_HANDLE);
            DeleteFileW(ended);
            DeleteFileW(path);
            return code;
        }
        if (file) fclose(file);
        Sleep(10);
    }
    return 95;
}
