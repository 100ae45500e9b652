/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ports and inspect: what can be said without a substation. */

#include "sy-cli.h"

#include "sy-hex.h"
#include "sy-port-list.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

SyExit sy_cli_ports(const SyCliOptions *options)
{
  g_autoptr(SyPortList) ports = sy_port_list_new();
  guint count = g_list_model_get_n_items(G_LIST_MODEL(ports));

  for (guint i = 0; i < count; i++) {
    g_autoptr(SyPort) port = g_list_model_get_item(G_LIST_MODEL(ports), i);

    if (options->json) {
      JsonBuilder *builder = sy_cli_event_begin("port");

      sy_cli_add_string(builder, "port", sy_port_get_name(port));
      sy_cli_add_string(builder, "label", sy_port_get_label(port));
      sy_cli_add_bool(builder, "virtual", sy_port_is_virtual(port));
      sy_cli_event_end(builder);
    } else {
      printf("%-16s %s\n", sy_port_get_name(port), sy_port_get_label(port));
    }
  }
  return SY_EXIT_DONE;
}

static const char *severity_key(SySeverity severity)
{
  static const char *const keys[] = {"ok", "warning", "error"};

  return keys[severity];
}

static const char *severity_mark(SySeverity severity)
{
  static const char *const marks[] = {"✓", "!", "✗"};

  return marks[severity];
}

static const char *check_key(SyCheck check)
{
  static const char *const keys[SY_CHECK_COUNT] = {"bank", "header",  "product", "length",
                                                   "crc",  "vectors", "crp"};

  return check < SY_CHECK_COUNT ? keys[check] : "file";
}

static void print_finding(const SyCliOptions *options, const SyFinding *finding, WireBank bank)
{
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("finding");

    sy_cli_add_string(builder, "bank", bank == WIRE_BANK_NONE ? NULL : sy_bank_to_string(bank));
    sy_cli_add_string(builder, "check",
                      bank == WIRE_BANK_NONE ? "file" : check_key(finding->check));
    sy_cli_add_string(builder, "severity", severity_key(finding->severity));
    sy_cli_add_string(builder, "text", finding->text);
    if (finding->addr != G_MAXUINT32)
      sy_cli_add_hex(builder, "address", finding->addr);
    if (finding->line != 0)
      sy_cli_add_int(builder, "line", finding->line);
    sy_cli_event_end(builder);
  } else {
    printf("  %s %s\n", severity_mark(finding->severity), finding->text);
  }
}

static void print_segments(const SyCliOptions *options, SyImage *image)
{
  guint count = sy_image_get_n_segments(image);

  for (guint i = 0; i < count; i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    if (options->json) {
      JsonBuilder *builder = sy_cli_event_begin("segment");

      sy_cli_add_hex(builder, "address", segment->addr);
      sy_cli_add_int(builder, "bytes", segment->length);
      sy_cli_add_int(builder, "line", segment->line);
      sy_cli_event_end(builder);
    } else {
      printf("  %08x – %08x  %7u %s\n", segment->addr, segment->addr + (segment->length - 1),
             segment->length, _("bytes"));
    }
  }
}

static gboolean print_program(const SyCliOptions *options, const SyProgram *program)
{
  g_autofree char *version = sy_version_to_string(program->header.version);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("program");

    sy_cli_add_string(builder, "bank", sy_bank_to_string(program->bank));
    sy_cli_add_string(builder, "version", version);
    sy_cli_add_string(builder, "name", program->header.name);
    sy_cli_add_hex(builder, "product", program->header.product);
    sy_cli_add_int(builder, "bytes", program->length);
    sy_cli_add_hex(builder, "crc", program->header.crc);
    sy_cli_add_bool(builder, "usable", program->usable);
    sy_cli_event_end(builder);
  } else {
    printf("%s %s  %u %s  %s\n", sy_bank_to_string(program->bank), version, program->length,
           _("bytes"), program->header.name);
  }
  for (guint i = 0; i < SY_CHECK_COUNT; i++)
    print_finding(options, &program->findings[i], program->bank);
  return program->usable;
}

/* All that is to be said of a file; whether anything in it is wrong. */
static gboolean print_release(const SyCliOptions *options, SyRelease *release)
{
  SyImage *image = sy_release_get_image(release);
  gboolean sound = TRUE, any = sy_release_is_factory(release);

  if (!options->json)
    printf("%s: %" G_GUINT64_FORMAT " %s\n", options->file, sy_image_get_size(image), _("bytes"));
  print_segments(options, image);
  for (guint i = 0; i < sy_release_get_n_findings(release); i++) {
    const SyFinding *finding = sy_release_get_finding(release, i);

    print_finding(options, finding, WIRE_BANK_NONE);
    sound = sound && finding->severity != SY_SEVERITY_ERROR;
  }
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(release, bank);

    any = any || program;
    if (program && !print_program(options, program))
      sound = FALSE;
  }
  return sound && any;
}

SyExit sy_cli_inspect(const SyCliOptions *options)
{
  g_autoptr(SyRelease) release = sy_cli_open_release(options);
  gboolean sound;

  if (!release)
    return SY_EXIT_REFUSED;
  sound = print_release(options, release);
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("summary");

    sy_cli_add_bool(builder, "sound", sound);
    sy_cli_add_bool(builder, "factory", sy_release_is_factory(release));
    sy_cli_add_int(builder, "bytes", (gint64)sy_image_get_size(sy_release_get_image(release)));
    sy_cli_event_end(builder);
  } else {
    printf("%s\n",
           sound ? _("The file is sound.") : _("The file must not be used for an upgrade."));
  }
  return sound ? SY_EXIT_DONE : SY_EXIT_REFUSED;
}
