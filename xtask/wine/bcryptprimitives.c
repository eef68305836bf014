/* For tests under Wine 8 alone, which lacks bcryptprimitives.dll: Rust's standard library takes its random numbers from
   ProcessPrng there. Never shipped; Windows has its own. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length)
{
    return SystemFunction036(buffer, (ULONG)length);
}
