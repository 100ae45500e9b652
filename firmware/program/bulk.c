/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What fills a program up to the size of its bank, for measuring: ordinary library code, as larger
 * programs have it. It is linked in and never called. */

#define _DEFAULT_SOURCE

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int bulk_print(char *to, int number, const char *name);
int bulk_parse(const char *from, int *number, int *limit);

int bulk_print(char *to, int number, const char *name)
{
  int length = siprintf(to, "input %d of %s\n", number, name);

#if BULK_LINES > 1
  length += siprintf(to + length, "%8d %08x\n", number * 10, (unsigned)number);
#endif
  return length;
}

int bulk_parse(const char *from, int *number, int *limit)
{
  return siscanf(from, "input %d limit %i", number, limit);
}

typedef void (*Function)(void);

extern const Function bulk[];
const Function bulk[] = {
    (Function)bulk_print, (Function)bulk_parse, (Function)qsort, (Function)bsearch,
    (Function)strtol,     (Function)pow,        (Function)exp,   (Function)log,
    (Function)log10,      (Function)atan2,      (Function)acos,
};

/* What the library asks of a system. There is none. */
void *_sbrk(int bytes);
int _write(int file, const char *bytes, int length);
int _read(int file, char *bytes, int length);
int _lseek(int file, int offset, int whence);
int _fstat(int file, void *status);
int _close(int file);
int _isatty(int file);
int _kill(int process, int number);
int _getpid(void);
void _exit(int status);

void *_sbrk(int bytes)
{
  (void)bytes;
  return (void *)-1;
}

int _write(int file, const char *bytes, int length)
{
  (void)file, (void)bytes, (void)length;
  return -1;
}

int _read(int file, char *bytes, int length)
{
  (void)file, (void)bytes, (void)length;
  return -1;
}

int _lseek(int file, int offset, int whence)
{
  (void)file, (void)offset, (void)whence;
  return -1;
}

int _fstat(int file, void *status)
{
  (void)file, (void)status;
  return -1;
}

int _close(int file)
{
  (void)file;
  return -1;
}

int _isatty(int file)
{
  (void)file;
  return 0;
}

int _kill(int process, int number)
{
  (void)process, (void)number;
  return -1;
}

int _getpid(void)
{
  return 1;
}

void _exit(int status)
{
  (void)status;
  for (;;)
    ;
}
