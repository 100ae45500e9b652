/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One JSON object a line. */

#include "sy-cli.h"

#include <stdio.h>

JsonBuilder *sy_cli_event_begin(const char *event)
{
  JsonBuilder *builder = json_builder_new();

  json_builder_begin_object(builder);
  sy_cli_add_string(builder, "event", event);
  return builder;
}

JsonBuilder *sy_cli_event_begin_for(const SyCliOptions *options, const char *event)
{
  JsonBuilder *builder = sy_cli_event_begin(event);

  if (options->several)
    sy_cli_add_string(builder, "port", options->title);
  return builder;
}

void sy_cli_event_end(JsonBuilder *builder)
{
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_end_object(builder);
  root = json_builder_get_root(builder);
  text = json_to_string(root, FALSE);
  printf("%s\n", text);
  fflush(stdout);
  g_object_unref(builder);
}

void sy_cli_add_string(JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name(builder, key);
  if (value)
    json_builder_add_string_value(builder, value);
  else
    json_builder_add_null_value(builder);
}

void sy_cli_add_int(JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name(builder, key);
  json_builder_add_int_value(builder, value);
}

void sy_cli_add_bool(JsonBuilder *builder, const char *key, gboolean value)
{
  json_builder_set_member_name(builder, key);
  json_builder_add_boolean_value(builder, value);
}

void sy_cli_add_version(JsonBuilder *builder, const char *key, guint32 version)
{
  g_autofree char *text = sy_version_to_string(version);

  sy_cli_add_string(builder, key, text);
}

void sy_cli_add_hex(JsonBuilder *builder, const char *key, guint32 value)
{
  g_autofree char *text = g_strdup_printf("0x%08x", value);

  sy_cli_add_string(builder, key, text);
}

void sy_cli_add_bytes(JsonBuilder *builder, const char *key, const guint8 *bytes, gsize length)
{
  g_autoptr(GString) text = g_string_sized_new(2 * length);

  for (gsize i = 0; bytes && i < length; i++)
    g_string_append_printf(text, "%02x", bytes[i]);
  sy_cli_add_string(builder, key, bytes ? text->str : NULL);
}

void sy_cli_add_digest(JsonBuilder *builder, const SyDigest *digest)
{
  sy_cli_add_hex(builder, "crc32", digest->crc);
  sy_cli_add_string(builder, "sha256", digest->sha256);
}

void sy_cli_add_running(JsonBuilder *builder, const WireIdentity *identity)
{
  if (identity && identity->running_bank != WIRE_BANK_NONE) {
    sy_cli_add_string(builder, "bank", sy_bank_to_string((WireBank)identity->running_bank));
    sy_cli_add_version(builder, "version", identity->program_version);
  } else {
    sy_cli_add_string(builder, "bank", NULL);
    sy_cli_add_string(builder, "version", NULL);
  }
}

SyExit sy_cli_fail(const SyCliOptions *options, SyExit code, const char *message)
{
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin_for(options, "error");

    sy_cli_add_string(builder, "text", message);
    sy_cli_add_int(builder, "exit", code);
    sy_cli_event_end(builder);
  } else {
    fprintf(stderr, "switchyard-cli: %s\n", message);
  }
  return code;
}

static void add_trouble(JsonBuilder *builder, const SyTrouble *trouble)
{
  g_autofree char *sentence = sy_trouble_dup_sentence(trouble);

  sy_cli_add_string(builder, "text", sentence);
  sy_cli_add_string(builder, "trouble", sy_trouble_kind_to_key(trouble->kind));
  sy_cli_add_string(builder, "command", trouble->command);
}

SyExit sy_cli_fail_trouble(const SyCliOptions *options, SyExit code, const SyTrouble *trouble)
{
  g_autofree char *lines = sy_trouble_dup_lines(trouble);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin_for(options, "error");

    add_trouble(builder, trouble);
    sy_cli_add_int(builder, "exit", code);
    sy_cli_event_end(builder);
    return code;
  }
  return sy_cli_fail(options, code, lines);
}

void sy_cli_tell_trouble(const SyCliOptions *options, const SyTrouble *trouble)
{
  g_autofree char *lines = sy_trouble_dup_lines(trouble);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin_for(options, "trouble");

    add_trouble(builder, trouble);
    sy_cli_event_end(builder);
  } else {
    fprintf(stderr, "switchyard-cli: %s\n", lines);
  }
}

SyExit sy_cli_complain(const SyCliOptions *options, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list list;

  va_start(list, format);
  message = g_strdup_vprintf(format, list);
  va_end(list);
  return sy_cli_fail(options, SY_EXIT_USAGE, message);
}

void sy_cli_warn(const SyCliOptions *options, const char *message)
{
  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin_for(options, "warning");

    sy_cli_add_string(builder, "text", message);
    sy_cli_event_end(builder);
  } else {
    fprintf(stderr, "switchyard-cli: %s\n", message);
  }
}
