/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The udev rule. */

#include "sy-port-rule.h"

#include "sy-config.h"
#include "sy-locate.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* From a terminal to its USB device it is four folders up, behind a hub no more. */
enum { LEVELS_MAX = 6 };

gboolean sy_port_is_confined(const char *root)
{
  g_autofree char *path = g_build_filename(root, ".flatpak-info", NULL);

  return g_file_test(path, G_FILE_TEST_EXISTS);
}

char *sy_shell_dup_word(const char *text)
{
  if (*text && text[strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "/._-:+@")] == '\0')
    return g_strdup(text);
  return g_shell_quote(text);
}

static char *dup_real_path(const char *path)
{
  char real[PATH_MAX];

  return realpath(path, real) ? g_strdup(real) : NULL;
}

/* A line of a small file; NULL when there is none. */
static char *read_line(const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  char *text = NULL;

  if (!g_file_get_contents(path, &text, NULL, NULL))
    return NULL;
  return g_strstrip(text);
}

/* The USB IDs behind a terminal, as the kernel has them: "0403" and "6001". */
static gboolean find_ids(const char *root, const char *device, char **vendor, char **product)
{
  g_autofree char *real = dup_real_path(device); /* a name that stays is a link */
  g_autofree char *name = g_path_get_basename(real ? real : device);
  g_autofree char *link = g_build_filename(root, "sys/class/tty", name, "device", NULL);
  g_autofree char *folder = dup_real_path(link);

  for (int level = 0; folder && level < LEVELS_MAX; level++) {
    char *parent;

    *vendor = read_line(folder, "idVendor");
    *product = *vendor ? read_line(folder, "idProduct") : NULL;
    if (*product)
      return TRUE;
    g_clear_pointer(vendor, g_free);
    parent = g_path_get_dirname(folder);
    g_free(folder);
    folder = parent;
  }
  return FALSE;
}

/* Whether a value is among those that a rule's line wants of an attribute: "6001|6010". */
static gboolean wants(const char *line, const char *attribute, const char *value)
{
  g_autofree char *key = g_strdup_printf("ATTRS{%s}==\"", attribute);
  const char *start = strstr(line, key);
  g_autofree char *text = NULL;
  g_auto(GStrv) values = NULL;

  if (!start)
    return FALSE;
  start += strlen(key);
  text = g_strndup(start, strcspn(start, "\""));
  values = g_strsplit(text, "|", -1);
  return g_strv_contains((const char *const *)values, value);
}

static gboolean covers(const char *text, const char *vendor, const char *product)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

  for (char **line = lines; *line; line++)
    if (wants(*line, "idVendor", vendor) && wants(*line, "idProduct", product))
      return TRUE;
  return FALSE;
}

static gboolean is_installed(const char *root)
{
  static const char *const folders[] = {"etc", "run", "usr/local/lib", "usr/lib", "lib"};

  for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
    g_autofree char *path =
        g_build_filename(root, folders[i], "udev/rules.d", SY_PORT_RULE_NAME, NULL);

    if (g_file_test(path, G_FILE_TEST_EXISTS))
      return TRUE;
  }
  return FALSE;
}

/* What is in a sandbox is not where a terminal of the computer has it. */
static char *dup_command(const char *rule, gboolean confined)
{
  static const char reload[] = "sudo udevadm control --reload && sudo udevadm trigger -s tty";
  g_autofree char *word = sy_shell_dup_word(rule);

  if (confined)
    return g_strdup_printf("flatpak run --command=cat %s %s | "
                           "sudo tee /etc/udev/rules.d/" SY_PORT_RULE_NAME " && %s",
                           SY_APP_ID, word, reload);
  return g_strdup_printf("sudo install -m 644 %s /etc/udev/rules.d/ && %s", word, reload);
}

SyPortRule *sy_port_rule_look(const char *device, const SyPortRulePlaces *places)
{
  const char *root = places ? places->root : "/";
  gboolean confined = sy_port_is_confined(root);
  g_autofree char *file = places && places->rule ? g_strdup(places->rule) : sy_locate_rule();
  g_autofree char *text = NULL;
  g_autofree char *vendor = NULL;
  g_autofree char *product = NULL;
  SyPortRule *rule;

  if (!g_file_get_contents(file, &text, NULL, NULL))
    return NULL;
  rule = g_new0(SyPortRule, 1);
  rule->is_covered = find_ids(root, device, &vendor, &product) && covers(text, vendor, product);
  rule->is_installed = !confined && is_installed(root);
  rule->command = dup_command(file, confined);
  return rule;
}

void sy_port_rule_free(SyPortRule *rule)
{
  g_free(rule->command);
  g_free(rule);
}
