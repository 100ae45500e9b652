/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard: the window. */

#include "sy-config.h"

#include "sy-application.h"
#include "sy-locate.h"

#include <glib/gi18n.h>

#include <locale.h>
#include <signal.h>

int main(int argc, char **argv)
{
  g_autofree char *translations = sy_locate_translations();
  g_autoptr(SyApplication) application = NULL;

  setlocale(LC_ALL, "");
  /* A substation that goes away while it is written to is a lost link, not our end. */
  signal(SIGPIPE, SIG_IGN);
  bindtextdomain(GETTEXT_PACKAGE, translations);
  bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
  textdomain(GETTEXT_PACKAGE);
  g_set_application_name(_("Switchyard"));
  application = sy_application_new();
  return g_application_run(G_APPLICATION(application), argc, argv);
}
