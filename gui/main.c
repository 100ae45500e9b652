/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard: the window. */

#include "sy-config.h"

#include "sy-application.h"
#include "sy-locate.h"

#include <glib/gi18n.h>

#include <locale.h>
#include <signal.h>

/* Drawn without GL, GTK would load GL all the same, to look for the best visual: a third of the
 * time to the first frame, and half of the memory. */
static void leave_gl_out(void)
{
  const char *debug = g_getenv("GDK_DEBUG");
  g_autofree char *flags = NULL;

  if (g_strcmp0(g_getenv("GSK_RENDERER"), "cairo") != 0)
    return;
  flags = debug && *debug ? g_strconcat(debug, ",gl-disable", NULL) : g_strdup("gl-disable");
  g_setenv("GDK_DEBUG", flags, TRUE);
}

int main(int argc, char **argv)
{
  g_autofree char *translations = sy_locate_translations();
  g_autoptr(SyApplication) application = NULL;

  leave_gl_out();
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
