/* Stands in for the programs in tests of the installer under Wine, where there is no WebView2. As the window it runs until
   another start of it says --quit; with the word "read" it runs until its input ends, as a terminal does; with "hold" and a
   file it also keeps that file from being moved, as a virus scanner may. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

int main(int count, char **words)
{
    HANDLE quit = CreateEventA(NULL, TRUE, FALSE, "todoke-window-stand-in");
    if (count > 1 && strcmp(words[1], "--quit") == 0)
        return SetEvent(quit) ? 0 : 1;
    if (count > 2 && strcmp(words[1], "hold") == 0 &&
        CreateFileA(words[2], GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE)
        return 2;
    /* Whoever started it waits for this line. */
    puts("running");
    fflush(stdout);
    if (count > 1 && (strcmp(words[1], "read") == 0 || strcmp(words[1], "hold") == 0)) {
        while (getchar() != EOF)
            ;
        return 0;
    }
    return WaitForSingleObject(quit, 120000) == WAIT_OBJECT_0 ? 0 : 1;
}
