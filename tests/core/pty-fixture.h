/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The far end of a pty, as a substation would hold it. */

#pragma once

#include <glib.h>

typedef struct {
  int master, slave;
  char *port; /* "pty:…", a name of its own: the kernel's goes to the next who asks for one */
} Pty;

Pty pty_open(void);
/* Twice is harmless. */
void pty_close(Pty *pty);
