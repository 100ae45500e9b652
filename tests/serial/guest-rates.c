/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opens a port as Switchyard does and sets the rates named, in the guest:
 *
 *   guest-rates PORT RATE…        a line "RATE IS" for each, IS as sy_link_set_rate returns it */

#include "sy-link.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SyLink) link = argc > 1 ? sy_link_open(argv[1], NULL, &error) : NULL;

  if (!link) {
    fprintf(stderr, "%s\n", error ? error->message : "guest-rates PORT RATE…");
    return 1;
  }
  for (int i = 2; i < argc; i++)
    printf("%s %u\n", argv[i], sy_link_set_rate(link, (guint)strtoul(argv[i], NULL, 10)));
  return 0;
}
