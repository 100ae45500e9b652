/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard-cli find, and --port auto. */

#include "sy-cli.h"

#include "sy-finder.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
  const SyCliOptions *options;
  GPtrArray *ports; /* of SyFinderPort; NULL: given up */
  gboolean done;
} Search;

static void on_done(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Search *search = user_data;

  search->ports = sy_finder_find_finish(SY_FINDER(source), result, NULL);
  search->done = TRUE;
}

static void tell_progress(SyFinder *finder, Search *search)
{
  guint waiting = sy_finder_count_waiting(finder);

  if (search->options->json || !isatty(STDERR_FILENO) || waiting == 0)
    return;
  fprintf(stderr, "\r\033[K");
  fprintf(stderr,
          sy_finder_is_trying_rates(finder)
              ? g_dngettext(GETTEXT_PACKAGE, "Trying other rates on %u port…",
                            "Trying other rates on %u ports…", waiting)
              : g_dngettext(GETTEXT_PACKAGE, "Asking %u port…", "Asking %u ports…", waiting),
          waiting);
}

static void clear_progress(const SyCliOptions *options)
{
  if (!options->json && isatty(STDERR_FILENO))
    fprintf(stderr, "\r\033[K");
}

/* NULL when it was given up; `names` NULL: all ports. */
static GPtrArray *find(const SyCliOptions *options, char **names)
{
  g_autoptr(SyFinder) finder = sy_finder_new();
  g_autoptr(GCancellable) cancellable = sy_cli_watch_interrupts();
  Search search = {.options = options};

  sy_finder_set_link_settings(finder, &options->lines);
  g_signal_connect(finder, "progress-changed", G_CALLBACK(tell_progress), &search);
  sy_finder_find_async(finder, (const char *const *)names, cancellable, on_done, &search);
  tell_progress(finder, &search);
  while (!search.done)
    g_main_context_iteration(NULL, TRUE);
  clear_progress(options);
  return search.ports;
}

static const char *get_key(const SyFinderPort *port)
{
  if (!port->found)
    return sy_trouble_kind_to_key(port->trouble->kind);
  return sy_finder_port_is_usable(port) ? "found" : "other-rate";
}

static void print_json_port(const SyFinderPort *port)
{
  JsonBuilder *builder = sy_cli_event_begin("found");
  g_autofree char *text = sy_finder_port_dup_text(port);

  sy_cli_add_string(builder, "port", port->port);
  sy_cli_add_string(builder, "label", port->label);
  sy_cli_add_string(builder, "stable_name", port->stable_name);
  sy_cli_add_string(builder, "state", get_key(port));
  json_builder_set_member_name(builder, "rate");
  if (port->found)
    json_builder_add_int_value(builder, port->rate);
  else
    json_builder_add_null_value(builder);
  sy_cli_add_running(builder, port->found ? &port->identity : NULL);
  sy_cli_add_int(builder, "asked", port->asked);
  sy_cli_add_string(builder, "text", text);
  sy_cli_event_end(builder);
}

/* "✓ /dev/ttyUSB0    FT232R USB UART · A10K2 (ttyUSB0)", and what was found in a line below. */
static void print_port(FILE *to, const SyFinderPort *port)
{
  const char *mark = sy_finder_port_is_usable(port) ? "✓" : port->found ? "!" : "✗";
  g_autofree char *text = sy_finder_port_dup_text(port);

  if (g_str_equal(port->label, port->port))
    fprintf(to, "%s %s\n", mark, port->port);
  else
    fprintf(to, "%s %-16s %s\n", mark, port->port, port->label);
  fprintf(to, "    %s\n", text);
}

static void print_ports(const SyCliOptions *options, FILE *to, GPtrArray *ports)
{
  for (guint n = 0; n < ports->len; n++) {
    if (options->json)
      print_json_port(g_ptr_array_index(ports, n));
    else
      print_port(to, g_ptr_array_index(ports, n));
  }
}

static guint count_usable(GPtrArray *ports, guint *last)
{
  guint count = 0;

  for (guint n = 0; n < ports->len; n++)
    if (sy_finder_port_is_usable(g_ptr_array_index(ports, n))) {
      *last = n;
      count++;
    }
  return count;
}

static SyExit fail_to_find(const SyCliOptions *options, GPtrArray *ports)
{
  return sy_cli_fail(options, SY_EXIT_LINK,
                     !ports            ? _("Cancelled.")
                     : ports->len == 0 ? _("No substation was found: no adapter is plugged in.")
                                       : _("No substation was found."));
}

/* Each is a port, and another one: a port is opened once. */
static SyExit check_names(const SyCliOptions *options)
{
  g_autoptr(SyBoard) board = sy_board_new();

  for (guint n = 0; n < options->n_files; n++) {
    g_autoptr(SyStation) station = sy_station_new(options->files[n]);
    SyExit code = sy_cli_check_port(options, board, options->files[n]);

    if (code != SY_EXIT_DONE)
      return code;
    sy_board_add(board, station, NULL);
  }
  return SY_EXIT_DONE;
}

SyExit sy_cli_find_stations(const SyCliOptions *options)
{
  g_autoptr(GPtrArray) ports = NULL;
  SyExit code = check_names(options);
  guint last;

  if (code != SY_EXIT_DONE)
    return code;
  ports = find(options, options->n_files > 0 ? options->files : NULL);
  if (ports)
    print_ports(options, stdout, ports);
  if (ports && count_usable(ports, &last) > 0)
    return SY_EXIT_DONE;
  return fail_to_find(options, ports);
}

SyExit sy_cli_find_port(const SyCliOptions *options, char **found)
{
  g_autoptr(GPtrArray) ports = find(options, NULL);
  guint last = 0;
  guint count = ports ? count_usable(ports, &last) : 0;

  if (count == 1) {
    const SyFinderPort *port = g_ptr_array_index(ports, last);

    *found = g_strdup(port->port);
    if (options->json)
      print_json_port(port);
    else
      /* Translators: a port. */
      printf(_("A substation was found on %s\n"), port->label);
    fflush(stdout);
    return SY_EXIT_DONE;
  }
  if (ports)
    print_ports(options, stderr, ports);
  return count > 1 ? sy_cli_complain(options, _("Several substations were found. Choose one with "
                                                "--port."))
                   : fail_to_find(options, ports);
}
