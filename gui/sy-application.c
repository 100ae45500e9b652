/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program around the window. */

#include "sy-config.h"

#include "sy-application.h"

#include "sy-about.h"
#include "sy-address.h"
#include "sy-settings.h"
#include "sy-window.h"

#include <glib/gi18n.h>

struct _SyApplication {
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE(SyApplication, sy_application, ADW_TYPE_APPLICATION)

static const GOptionEntry option_entries[] = {
    {"port", 'p', 0, G_OPTION_ARG_STRING, NULL, N_("Choose PORT at the start"), N_("PORT")},
    {"address", 'a', 0, G_OPTION_ARG_STRING, NULL,
     N_("FILE holds raw bytes for ADDRESS, LOW or HIGH"), N_("ADDRESS")},
    {"version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show the version and exit"), NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_("[FILE]")},
    G_OPTION_ENTRY_NULL,
};

static SyWindow *ensure_window(SyApplication *self)
{
  GList *windows = gtk_application_get_windows(GTK_APPLICATION(self));

  for (; windows; windows = windows->next)
    if (SY_IS_WINDOW(windows->data))
      return windows->data;
  return sy_window_new(GTK_APPLICATION(self));
}

static void sy_application_activate(GApplication *application)
{
  gtk_window_present(GTK_WINDOW(ensure_window(SY_APPLICATION(application))));
}

static void sy_application_open(GApplication *application, GFile **files, int count,
                                const char *hint)
{
  SyWindow *window = ensure_window(SY_APPLICATION(application));

  if (count > 0)
    sy_window_open(window, files[0]);
  gtk_window_present(GTK_WINDOW(window));
}

static int sy_application_handle_local_options(GApplication *application, GVariantDict *options)
{
  if (!g_variant_dict_contains(options, "version"))
    return -1;
  g_print("switchyard %s\n", SY_VERSION);
  return 0;
}

/* FALSE when the address is none. */
static gboolean read_file_options(GVariantDict *options, SyFileOptions *file_options,
                                  GError **error)
{
  const char *text = NULL;

  *file_options = (SyFileOptions){.format = SY_FORMAT_AUTO};
  if (!g_variant_dict_lookup(options, "address", "&s", &text))
    return TRUE;
  file_options->format = SY_FORMAT_BINARY;
  file_options->has_addr = TRUE;
  return sy_address_parse(text, &file_options->addr, error);
}

static int sy_application_command_line(GApplication *application, GApplicationCommandLine *line)
{
  SyWindow *window;
  GVariantDict *options = g_application_command_line_get_options_dict(line);
  g_autofree const char **names = NULL;
  g_autoptr(GError) error = NULL;
  const char *port = NULL;
  SyFileOptions file_options;

  if (!read_file_options(options, &file_options, &error)) {
    g_application_command_line_printerr(line, "switchyard: %s\n", error->message);
    return 2;
  }
  window = ensure_window(SY_APPLICATION(application));
  if (g_variant_dict_lookup(options, "port", "&s", &port) && *port)
    sy_window_set_port(window, port);
  if (g_variant_dict_lookup(options, G_OPTION_REMAINING, "^a&ay", &names) && names[0]) {
    g_autoptr(GFile) file = g_application_command_line_create_file_for_arg(line, names[0]);

    sy_window_open_with(window, file, &file_options);
  }
  gtk_window_present(GTK_WINDOW(window));
  return 0;
}

static void activate_practise(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SyWindow *window = ensure_window(user_data);

  sy_window_set_port(window, "virtual");
  gtk_window_present(GTK_WINDOW(window));
}

/* Each window may still have an upgrade to ask about. */
static void activate_quit(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr(GList) windows = g_list_copy(gtk_application_get_windows(user_data));

  for (GList *l = windows; l; l = l->next)
    gtk_window_close(l->data);
}

static void activate_about(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  sy_about_show(gtk_application_get_active_window(user_data));
}

static void apply_style(SyApplication *self)
{
  static const AdwColorScheme schemes[] = {ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT,
                                           ADW_COLOR_SCHEME_FORCE_DARK};
  int style = g_settings_get_enum(sy_settings_get(), "style");

  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), schemes[style]);
}

static void follow_style(GApplication *application)
{
  g_autoptr(GAction) action = g_settings_create_action(sy_settings_get(), "style");

  g_action_map_add_action(G_ACTION_MAP(application), action);
  g_signal_connect_object(sy_settings_get(), "changed::style", G_CALLBACK(apply_style), application,
                          G_CONNECT_SWAPPED);
  apply_style(SY_APPLICATION(application));
}

static void sy_application_startup(GApplication *application)
{
  static const GActionEntry actions[] = {
      {.name = "quit", .activate = activate_quit},
      {.name = "about", .activate = activate_about},
      {.name = "practise", .activate = activate_practise},
  };
  static const struct {
    const char *action;
    const char *keys[3];
  } accels[] = {
      {"app.quit", {"<primary>q"}},
      {"win.open", {"<primary>o"}},
      {"win.upgrade", {"<primary>u"}},
      {"win.dry-run", {"<primary><shift>u"}},
      {"win.copy-result", {"<primary><shift>c"}},
      {"window.close", {"<primary>w"}},
      {"win.keep", {"<primary>k"}},
      {"win.go-back", {"<primary>b"}},
      {"win.page::substation", {"<alt>1"}},
      {"win.page::image", {"<alt>2"}},
      {"win.page::log", {"<alt>3"}},
      {"win.page::console", {"<alt>4"}},
      {"win.page::drills", {"<alt>5"}},
      {"win.page::board", {"<alt>6"}},
      {"win.board-add", {"<primary>n"}},
      {"win.board-retry", {"<primary>r"}},
      {"win.show-help-overlay", {"F1", "<primary>question"}},
      {"win.view::summary", {"<primary>1"}},
      {"win.view::bytes", {"<primary>2"}},
      {"win.view::findings", {"<primary>3"}},
      {"win.find", {"<primary>f"}},
      {"win.find-station", {"<primary><shift>f"}},
      {"win.find-next", {"<primary>g"}},
      {"win.find-previous", {"<primary><shift>g"}},
      {"win.go-to", {"<primary>j"}},
      {"win.compare-file", {"<primary>d"}},
      {"win.next-difference", {"<alt>Down"}},
      {"win.previous-difference", {"<alt>Up"}},
      {"win.save", {"<primary>s"}},
  };

  G_APPLICATION_CLASS(sy_application_parent_class)->startup(application);
  g_action_map_add_action_entries(G_ACTION_MAP(application), actions, G_N_ELEMENTS(actions),
                                  application);
  for (guint n = 0; n < G_N_ELEMENTS(accels); n++)
    gtk_application_set_accels_for_action(GTK_APPLICATION(application), accels[n].action,
                                          (const char *const *)accels[n].keys);
  follow_style(application);
  gtk_window_set_default_icon_name(SY_APP_ID);
}

static void sy_application_class_init(SyApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS(klass);

  application_class->startup = sy_application_startup;
  application_class->activate = sy_application_activate;
  application_class->open = sy_application_open;
  application_class->handle_local_options = sy_application_handle_local_options;
  application_class->command_line = sy_application_command_line;
}

static void sy_application_init(SyApplication *self)
{
  g_application_add_main_option_entries(G_APPLICATION(self), option_entries);
  g_application_set_option_context_summary(
      G_APPLICATION(self), _("Upgrade workstation for dual-bank LPC2114 substations."));
  g_application_set_option_context_description(
      G_APPLICATION(self),
      _("PORT is virtual, /dev/tty…, pty:PATH, or, behind a serial server, socket://HOST:PORT for\n"
        "a raw one and rfc2217://HOST:PORT for one that sets the rate too.\n"
        "FILE is a release in Intel HEX or S-records; raw bytes need --address. Without --port "
        "the\n"
        "port that was chosen last is chosen if it is there, else the virtual substation.\n"
        "\n"
        "Examples:\n"
        "  switchyard --port virtual release.hex      open a release, and practise\n"
        "  switchyard --address HIGH program.bin      look into raw bytes\n"
        "\n"
        "Exit status: 0 the window was closed, 1 there is no display or an option is unknown,\n"
        "2 the address is none.\n"
        "\n"
        "“man switchyard” tells more; switchyard-cli does the same jobs for scripts."));
}

SyApplication *sy_application_new(void)
{
  return g_object_new(SY_TYPE_APPLICATION, "application-id", SY_APP_ID, "flags",
                      G_APPLICATION_HANDLES_OPEN | G_APPLICATION_HANDLES_COMMAND_LINE,
                      "resource-base-path", "/dev/switchyard/Workstation", NULL);
}
