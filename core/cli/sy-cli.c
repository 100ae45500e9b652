/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard-cli: the workstation's jobs in a terminal or a script. */

#include "sy-cli.h"

#include "sy-config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>

typedef struct {
  const char *name;
  SyExit (*run)(const SyCliOptions *options);
  gboolean wants_port, wants_file;
  const char *arguments;
  const char *summary;
} Command;

static const Command commands[] = {
    {"ports", sy_cli_ports, FALSE, FALSE, "[--json]",
     N_("List the ports a substation may be behind")},
    {"identify", sy_cli_identify, TRUE, FALSE, "--port PORT [--json]",
     N_("Ask the substation who it is and what it runs")},
    {"inspect", sy_cli_inspect, FALSE, TRUE, "FILE [--json]",
     N_("Show what an Intel HEX file holds and whether it is sound")},
    {"upgrade", sy_cli_upgrade, TRUE, TRUE, "--port PORT [--json] [--dry-run] [--figures] FILE",
     N_("Write the release's program into the idle bank, start it, and confirm it")},
    {"confirm", sy_cli_confirm, TRUE, FALSE, "--port PORT [--json]",
     N_("Keep the program that is on trial")},
    {"rollback", sy_cli_rollback, TRUE, FALSE, "--port PORT [--json]",
     N_("Go back to the program in the other bank")},
};

static void print_help(FILE *to)
{
  fprintf(to, "%s\n\n", _("switchyard-cli: upgrade and inspect dual-bank LPC2114 substations"));
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    fprintf(to, "  switchyard-cli %s %s\n      %s\n", commands[i].name, commands[i].arguments,
            _(commands[i].summary));
  fprintf(
      to, "\n%s\n",
      _("PORT is /dev/tty…, pty:PATH, or virtual: a virtual substation of your own to practise "
        "on.\n"
        "--json prints one JSON object a line. --dry-run checks everything and changes "
        "nothing.\n"
        "--figures shows where an upgrade's time went.\n"
        "A program that is started new is on trial. Upgrade and rollback are done when it was "
        "heard, has\n"
        "tested itself and is confirmed; if that fails, the substation goes back to the old one "
        "by itself.\n"
        "Confirm keeps a program that is found on trial, and is done as well when none is.\n"
        "Exit status: 0 done, 1 refused before anything was changed, 2 wrong usage, 3 no "
        "connection,\n"
        "4 it failed and the old program runs, 5 it failed and what runs is not known."));
}

static const Command *find_command(const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    if (g_str_equal(commands[i].name, name))
      return &commands[i];
  return NULL;
}

static SyExit complain(const char *format, const char *what)
{
  g_autofree char *text = g_strdup_printf(format, what);

  fprintf(stderr, "switchyard-cli: %s\n%s\n", text,
          _("Try “switchyard-cli --help” for what there is."));
  return SY_EXIT_USAGE;
}

static SyExit check_arguments(const Command *command, SyCliOptions *options, char **rest)
{
  if (command->wants_port && !options->port)
    return complain(_("%s needs --port"), command->name);
  if (command->wants_file && (!rest || !rest[0]))
    return complain(_("%s needs a file"), command->name);
  if (rest && rest[0] && (!command->wants_file || rest[1]))
    return complain(_("“%s” is one argument too many"), rest[command->wants_file ? 1 : 0]);
  options->file = command->wants_file ? rest[0] : NULL;
  return SY_EXIT_DONE;
}

static SyExit run_command(const Command *command, int argc, char **argv)
{
  SyCliOptions options = {0};
  g_autofree char **rest = NULL;
  const GOptionEntry entries[] = {
      {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, N_("Print one JSON object a line"), NULL},
      {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL},
      G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry port_entries[] = {
      {"port", 'p', 0, G_OPTION_ARG_STRING, &options.port, N_("Where the substation is"), "PORT"},
      G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry upgrade_entries[] = {
      {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &options.dry_run, N_("Check, and change nothing"),
       NULL},
      {"figures", 'f', 0, G_OPTION_ARG_NONE, &options.figures, N_("Show where the time went"),
       NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autofree char *usage = g_strdup_printf("switchyard-cli %s", command->name);
  g_autoptr(GOptionContext) context = g_option_context_new(command->wants_file ? "FILE" : NULL);
  g_autoptr(GError) error = NULL;
  SyExit code;

  g_option_context_set_translation_domain(context, GETTEXT_PACKAGE);
  g_option_context_set_summary(context, _(command->summary));
  if (command->wants_port)
    g_option_context_add_main_entries(context, port_entries, GETTEXT_PACKAGE);
  if (command->run == sy_cli_upgrade)
    g_option_context_add_main_entries(context, upgrade_entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
  g_set_prgname(usage); /* what --help calls it */
  if (!g_option_context_parse(context, &argc, &argv, &error))
    return complain("%s", error->message);
  code = check_arguments(command, &options, rest);
  if (code == SY_EXIT_DONE)
    code = command->run(&options);
  g_free(options.port);
  for (char **name = rest; name && *name; name++)
    g_free(*name);
  return code;
}

int main(int argc, char **argv)
{
  const Command *command;

  setlocale(LC_ALL, "");
  bindtextdomain(GETTEXT_PACKAGE, SY_LOCALE_DIR);
  bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
  g_set_prgname("switchyard-cli");
  /* Whoever reads our output may go away; an upgrade is not broken off for that. */
  signal(SIGPIPE, SIG_IGN);
  if (argc < 2) {
    print_help(stderr);
    return SY_EXIT_USAGE;
  }
  if (g_str_equal(argv[1], "--help") || g_str_equal(argv[1], "-h")) {
    print_help(stdout);
    return SY_EXIT_DONE;
  }
  if (g_str_equal(argv[1], "--version")) {
    printf("switchyard-cli %s\n", SY_VERSION);
    return SY_EXIT_DONE;
  }
  command = find_command(argv[1]);
  if (!command)
    return complain(_("“%s” is no command"), argv[1]);
  return run_command(command, argc - 1, argv + 1);
}
