/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who made it, and what it runs with. */

#include "sy-config.h"

#include "sy-about.h"

#include <glib/gi18n.h>

#include <locale.h>

static void add_version(GString *text, const char *name, guint major, guint minor, guint micro)
{
  g_string_append_printf(text, "%s: %u.%u.%u\n", name, major, minor, micro);
}

static void add_drawing(GString *text, GtkWindow *parent)
{
  GskRenderer *renderer = parent ? gtk_native_get_renderer(GTK_NATIVE(parent)) : NULL;
  GdkDisplay *display = gdk_display_get_default();

  if (display)
    g_string_append_printf(text, "Display: %s\n", G_OBJECT_TYPE_NAME(display));
  if (renderer)
    g_string_append_printf(text, "Renderer: %s\n", G_OBJECT_TYPE_NAME(renderer));
}

char *sy_about_dup_debug_info(GtkWindow *parent)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *system = g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME);
  const char *language = setlocale(LC_MESSAGES, NULL);

  g_string_append_printf(text, "Switchyard: %s\n", SY_VERSION);
  add_version(text, "GTK", gtk_get_major_version(), gtk_get_minor_version(),
              gtk_get_micro_version());
  add_version(text, "libadwaita", adw_get_major_version(), adw_get_minor_version(),
              adw_get_micro_version());
  add_version(text, "GLib", glib_major_version, glib_minor_version, glib_micro_version);
  add_drawing(text, parent);
  g_string_append_printf(text, "System: %s\n", system ? system : "unknown");
  g_string_append_printf(text, "Locale: %s\n", language ? language : "C");
  g_string_append_printf(text, "Flatpak: %s\n",
                         g_file_test("/.flatpak-info", G_FILE_TEST_EXISTS) ? "yes" : "no");
  return g_string_free(g_steal_pointer(&text), FALSE);
}

void sy_about_show(GtkWindow *parent)
{
  const char *const developers[] = {_("The Switchyard developers"), NULL};
  g_autofree char *debug_info = sy_about_dup_debug_info(parent);
  /* Those of the version that runs; the same as in the metainfo. */
  g_autofree char *notes = g_strdup_printf(
      "<p>%s</p>",
      _("The first release: upgrades over a serial line, going back, looking into hex files, and a "
        "virtual substation to practise with."));

  adw_show_about_window(parent, "application-name", _("Switchyard"), "application-icon", SY_APP_ID,
                        "version", SY_VERSION, "developer-name", developers[0], "developers",
                        developers, "copyright", _("© 2026 The Switchyard developers"),
                        "license-type", GTK_LICENSE_GPL_3_0, "comments",
                        _("Upgrade workstation for dual-bank LPC2114 substations"), "release-notes",
                        notes, "release-notes-version", SY_VERSION, "debug-info", debug_info,
                        "debug-info-filename", "switchyard-debug-info.txt", "translator-credits",
                        /* Translators: your names, one a line. */
                        _("translator-credits"), NULL);
}
