/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard-cli: the workstation's jobs in a terminal or a script. */

#include "sy-cli.h"

#include "sy-config.h"
#include "sy-locate.h"

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>

/* What the person wrote, until the program ends. */
static SyCliOptions options;

static const GOptionEntry common_entries[] = {
    {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, N_("Print one JSON object a line"), NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.files, NULL, NULL},
    G_OPTION_ENTRY_NULL,
};

static const GOptionEntry port_entries[] = {
    {"port", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options.ports, N_("Where the substation is"),
     "PORT"},
    {"dtr", 0, 0, G_OPTION_ARG_STRING, &options.dtr,
     N_("DTR while the port is open, off unless told; on many boards it holds the reset"),
     "on|off"},
    {"rts", 0, 0, G_OPTION_ARG_STRING, &options.rts,
     N_("The same of RTS; on many boards it makes the ROM boot loader start (P0.14)"), "on|off"},
    {"trace", 't', 0, G_OPTION_ARG_NONE, &options.trace,
     N_("Show each frame that goes and comes, on standard error"), NULL},
    G_OPTION_ENTRY_NULL,
};

static const GOptionEntry reading_entries[] = {
    {"format", 0, 0, G_OPTION_ARG_STRING, &options.format,
     N_("What the files are, where it cannot be told"), "hex|srec|bin"},
    {"address", 0, 0, G_OPTION_ARG_STRING, &options.address,
     N_("Where the first of raw bytes belongs"), "ADDR"},
    G_OPTION_ENTRY_NULL,
};

static const GOptionEntry upgrade_entries[] = {
    {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &options.dry_run, N_("Check, and change nothing"), NULL},
    {"figures", 'f', 0, G_OPTION_ARG_NONE, &options.figures, N_("Show where the time went"), NULL},
    {"retry", 'r', 0, G_OPTION_ARG_INT, &options.retries,
     N_("Try substations that failed again, up to N times"), "N"},
    G_OPTION_ENTRY_NULL,
};

static const GOptionEntry read_entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("The file to write"), "FILE"},
    {"only", 0, 0, G_OPTION_ARG_STRING, &options.only, N_("Read only this part of flash"),
     "LOW|HIGH|ADDR:LENGTH"},
    {"force", 0, 0, G_OPTION_ARG_NONE, &options.force, N_("Replace a file that exists"), NULL},
    G_OPTION_ENTRY_NULL,
};

static const GOptionEntry inspect_entries[] = {
    {"bytes", 0, 0, G_OPTION_ARG_STRING, &options.bytes,
     N_("Show bytes instead, 256 unless told; LOW and HIGH are ranges too"), "ADDR[:LENGTH]"},
    {"find", 0, 0, G_OPTION_ARG_STRING, &options.find, N_("Show where bytes are"), "\"DE AD\""},
    {"find-text", 0, 0, G_OPTION_ARG_STRING, &options.find_text, N_("Show where a text is"),
     "TEXT"},
    {"hash", 0, 0, G_OPTION_ARG_NONE, &options.hash, N_("Show the hashes alone"), NULL},
    G_OPTION_ENTRY_NULL,
};

static const GOptionEntry compare_entries[] = {
    {"within", 0, 0, G_OPTION_ARG_STRING, &options.within, N_("Compare nothing else"),
     "LOW|HIGH|ADDR:LENGTH"},
    {"all", 'a', 0, G_OPTION_ARG_NONE, &options.all, N_("List more than 100 differences"), NULL},
    G_OPTION_ENTRY_NULL,
};

static const GOptionEntry convert_entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("The file to write"), "OUT"},
    {"to", 0, 0, G_OPTION_ARG_STRING, &options.to, N_("Its format, unless its name tells"),
     "hex|srec|bin"},
    {"only", 0, 0, G_OPTION_ARG_STRING, &options.only, N_("Leave out everything else"),
     "LOW|HIGH|\"segment N\"|ADDR:LENGTH"},
    {"split", 0, 0, G_OPTION_ARG_STRING, &options.split,
     N_("Write a file for each: OUT-low and OUT-high, or OUT-segment-0x00002000 …"),
     "segments|banks"},
    {"fill", 0, 0, G_OPTION_ARG_STRING, &options.fill,
     N_("Fill gaps with this byte; raw bytes have theirs filled with FF anyway"), "FF"},
    {"range", 0, 0, G_OPTION_ARG_STRING, &options.range,
     N_("Where to fill, if not from the first byte to the last"), "LOW|HIGH|ADDR:LENGTH"},
    {"per-line", 0, 0, G_OPTION_ARG_INT, &options.per_line,
     N_("Data bytes in a record, 16 unless told"), "N"},
    {"force", 0, 0, G_OPTION_ARG_NONE, &options.force, N_("Replace files that exist"), NULL},
    G_OPTION_ENTRY_NULL,
};

typedef struct {
  const char *name;
  SyExit (*run)(const SyCliOptions *options);
  gboolean wants_port;
  gboolean may_have_port;
  gboolean several_ports;
  guint files_min, files_max;
  const char *arguments;
  const char *summary;
  const GOptionEntry *own_entries; /* NULL: none */
  gboolean reads_any_file;
} Command;

static const Command commands[] = {
    {.name = "ports",
     .run = sy_cli_ports,
     .arguments = "[--json]",
     .summary = N_("List the ports a substation may be behind")},
    {.name = "find",
     .run = sy_cli_find_stations,
     .files_max = SY_CLI_FILES_MAX,
     .arguments = "[--json] [PORT…]",
     .summary = N_("Ask each port, or each that is named, whether a substation is behind it")},
    {.name = "identify",
     .run = sy_cli_identify,
     .wants_port = TRUE,
     .arguments = "--port PORT [--json] [--trace]",
     .summary = N_("Ask the substation who it is and what it runs")},
    {.name = "inspect",
     .run = sy_cli_inspect,
     .files_min = 1,
     .files_max = 1,
     .arguments =
         "FILE [--json] [--bytes ADDR[:LENGTH] | --find BYTES | --find-text TEXT | --hash]",
     .summary = N_("Show what a file holds and whether it is sound"),
     .own_entries = inspect_entries,
     .reads_any_file = TRUE},
    {.name = "compare",
     .run = sy_cli_compare,
     .files_min = 1,
     .files_max = 2,
     .may_have_port = TRUE,
     .arguments = "A B | FILE --port PORT [--json] [--within LOW|HIGH|ADDR:LENGTH] [--all]",
     .summary = N_("Show where two files differ, or a file and what a substation holds"),
     .own_entries = compare_entries,
     .reads_any_file = TRUE},
    {.name = "convert",
     .run = sy_cli_convert,
     .files_min = 1,
     .files_max = SY_CLI_FILES_MAX,
     .arguments = "FILE… --output OUT [--to hex|srec|bin] [--only RANGE] [--split segments|banks]\n"
                  "                         [--fill FF [--range RANGE]] [--per-line N] [--force] "
                  "[--json]",
     .summary = N_("Save files together, in part, or as another format"),
     .own_entries = convert_entries,
     .reads_any_file = TRUE},
    {.name = "upgrade",
     .run = sy_cli_upgrade,
     .wants_port = TRUE,
     .files_min = 1,
     .files_max = 1,
     .several_ports = TRUE,
     .arguments = "--port PORT [--port PORT …] [--json] [--trace] [--dry-run] [--figures]\n"
                  "                         [--retry N] FILE",
     .summary = N_("Write the release's program into the idle bank, start it, and confirm it"),
     .own_entries = upgrade_entries},
    {.name = "confirm",
     .run = sy_cli_confirm,
     .wants_port = TRUE,
     .arguments = "--port PORT [--json] [--trace]",
     .summary = N_("Keep the program that is on trial")},
    {.name = "rollback",
     .run = sy_cli_rollback,
     .wants_port = TRUE,
     .arguments = "--port PORT [--json] [--trace]",
     .summary = N_("Go back to the program in the other bank")},
    {.name = "read",
     .run = sy_cli_read,
     .wants_port = TRUE,
     .arguments = "--port PORT --output FILE [--only LOW|HIGH|ADDR:LENGTH] [--force] [--json]",
     .summary = N_("Read the substation's flash back into an Intel HEX file"),
     .own_entries = read_entries},
};

/* Those about files, or those about the substation. */
static void print_commands(FILE *to, gboolean about_files)
{
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    if (commands[i].reads_any_file == about_files)
      fprintf(to, "  switchyard-cli %s %s\n      %s\n", commands[i].name, commands[i].arguments,
              _(commands[i].summary));
}

static void print_examples(FILE *to)
{
  fprintf(to, "\n%s\n", _("Examples:"));
  fputs("  switchyard-cli inspect release.hex\n"
        "  switchyard-cli upgrade --port /dev/ttyUSB0 --dry-run release.hex\n"
        "  switchyard-cli upgrade --port virtual --figures release.hex\n"
        "  switchyard-cli upgrade --port /dev/ttyUSB0 --port /dev/ttyUSB1 release.hex\n"
        "  switchyard-cli compare release.hex --port /dev/ttyUSB0 --within LOW\n"
        "  switchyard-cli convert low.hex high.hex --output release.hex\n",
        to);
}

static void print_help(FILE *to)
{
  fprintf(to, "%s\n\n", _("switchyard-cli: upgrade and inspect dual-bank LPC2114 substations"));
  fprintf(to, "%s\n", _("The substation:"));
  print_commands(to, FALSE);
  fprintf(to, "\n%s\n", _("Files:"));
  print_commands(to, TRUE);
  fprintf(
      to, "\n%s\n",
      _("PORT is /dev/tty…, pty:PATH, socket://HOST:PORT or rfc2217://HOST:PORT behind a serial "
        "server,\n"
        "or virtual: a virtual substation of your own to practise on.\n"
        "--port auto finds the substation, if it is the only one: each port is asked once.\n"
        "--json prints one JSON object a line. --dry-run checks everything and changes "
        "nothing.\n"
        "--figures shows where an upgrade's time went. --trace shows each frame, on standard "
        "error.\n"
        "Files are Intel HEX or S-records; raw bytes need --format bin --address ADDR.\n"
        "ADDR is hexadecimal; LENGTH is decimal, or hexadecimal behind 0x. RANGE is LOW, HIGH,\n"
        "ADDR:LENGTH; convert's --only also takes \"segment N\"."));
  fprintf(to, "%s\n",
          _("Upgrade takes several --port and upgrades all of them at once; --retry N tries those\n"
            "that failed again, up to N times. The exit status is then the highest of theirs."));
  fprintf(
      to, "\n%s\n",
      _("A program that is started new is on trial. Upgrade and rollback are done when it was\n"
        "heard, has tested itself and is confirmed; if that fails, the substation goes back to "
        "the\n"
        "old one by itself. Confirm keeps a program that is found on trial, and is done as well\n"
        "when none is."));
  print_examples(to);
  fprintf(to, "\n%s\n",
          _("Exit status:\n"
            "  0  done, alike, found\n"
            "  1  refused before anything was changed, different, not found\n"
            "  2  wrong usage\n"
            "  3  no connection\n"
            "  4  it failed and the old program runs\n"
            "  5  it failed and what runs is not known"));
  fprintf(
      to, "\n%s\n",
      _("“switchyard-cli COMMAND --help” shows a command's options; “man switchyard-cli” all of "
        "it."));
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

static SyExit complain_of_number(const char *format, guint number)
{
  g_autofree char *text = g_strdup_printf(format, number);

  return complain("%s", text);
}

/* Off unless told. */
static SyExit check_line(const char *name, const char *text, gboolean *on)
{
  g_autofree char *message = NULL;

  *on = g_strcmp0(text, "on") == 0;
  if (*on || !text || g_str_equal(text, "off"))
    return SY_EXIT_DONE;
  message = g_strdup_printf(_("--%s is on or off, not “%s”"), name, text);
  return complain("%s", message);
}

static SyExit check_lines(void)
{
  SyExit code = check_line("dtr", options.dtr, &options.lines.dtr);

  return code == SY_EXIT_DONE ? check_line("rts", options.rts, &options.lines.rts) : code;
}

static SyExit check_arguments(const Command *command)
{
  options.n_files = options.files ? g_strv_length(options.files) : 0;
  options.n_ports = options.ports ? g_strv_length(options.ports) : 0;
  options.port = options.n_ports > 0 ? options.ports[0] : NULL;
  if (command->wants_port && !options.port)
    return complain(_("%s needs --port"), command->name);
  if (options.n_ports > 1 && !command->several_ports)
    return complain(_("%s takes one --port"), command->name);
  if (options.n_ports > 1 && g_strv_contains((const char *const *)options.ports, "auto"))
    return complain("%s", _("--port auto stands alone: it finds the only substation that is there. "
                            "Name the ports of several."));
  if (options.n_ports > SY_CLI_PORTS_MAX)
    return complain_of_number(
        g_dngettext(GETTEXT_PACKAGE, "%u substation is the most that can be upgraded at once",
                    "%u substations are the most that can be upgraded at once", SY_CLI_PORTS_MAX),
        SY_CLI_PORTS_MAX);
  if (options.retries < 0 || options.retries > SY_CLI_RETRIES_MAX)
    return complain_of_number(_("--retry takes a number from 0 to %u"), SY_CLI_RETRIES_MAX);
  if (options.n_files < command->files_min)
    return complain(_("%s needs a file"), command->name);
  if (options.n_files > command->files_max)
    return complain(_("“%s” is one argument too many"), options.files[command->files_max]);
  return check_lines();
}

static const char *files_of(const Command *command)
{
  if (command->run == sy_cli_find_stations)
    return "[PORT…]";
  return command->files_max == 0 ? NULL : command->files_max > 1 ? "FILE…" : "FILE";
}

/* The port that is meant, if it is to be found. */
static SyExit choose_port(void)
{
  char *found = NULL;
  SyExit code;

  if (options.n_ports != 1 || !g_str_equal(options.port, "auto"))
    return SY_EXIT_DONE;
  code = sy_cli_find_port(&options, &found);
  if (found) {
    g_free(options.ports[0]);
    options.port = options.ports[0] = found;
  }
  return code;
}

static SyExit run_command(const Command *command, int argc, char **argv)
{
  g_autofree char *usage = g_strdup_printf("switchyard-cli %s", command->name);
  g_autoptr(GOptionContext) context = g_option_context_new(files_of(command));
  g_autoptr(GError) error = NULL;
  SyExit code;

  g_option_context_set_translation_domain(context, GETTEXT_PACKAGE);
  g_option_context_set_summary(context, _(command->summary));
  if (command->wants_port || command->may_have_port)
    g_option_context_add_main_entries(context, port_entries, GETTEXT_PACKAGE);
  if (command->own_entries)
    g_option_context_add_main_entries(context, command->own_entries, GETTEXT_PACKAGE);
  if (command->reads_any_file)
    g_option_context_add_main_entries(context, reading_entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries(context, common_entries, GETTEXT_PACKAGE);
  g_set_prgname(usage); /* what --help calls it */
  if (!g_option_context_parse(context, &argc, &argv, &error))
    return complain("%s", error->message);
  code = check_arguments(command);
  if (code == SY_EXIT_DONE)
    code = choose_port();
  return code == SY_EXIT_DONE ? command->run(&options) : code;
}

int main(int argc, char **argv)
{
  g_autofree char *translations = sy_locate_translations();
  const Command *command;

  setlocale(LC_ALL, "");
  bindtextdomain(GETTEXT_PACKAGE, translations);
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
