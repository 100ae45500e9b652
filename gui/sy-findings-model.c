/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All that was found about a file. */

#include "sy-config.h"

#include "sy-findings-model.h"

#include "sy-format.h"
#include "sy-plan.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SyFindingItem {
  GObject parent_instance;

  SySeverity severity;
  char *source;
  char *text;
  char *place;
  guint32 addr;
  guint line;
};

G_DEFINE_FINAL_TYPE(SyFindingItem, sy_finding_item, G_TYPE_OBJECT)

SySeverity sy_finding_item_get_severity(SyFindingItem *self)
{
  g_return_val_if_fail(SY_IS_FINDING_ITEM(self), SY_SEVERITY_OK);
  return self->severity;
}

const char *sy_finding_item_get_source(SyFindingItem *self)
{
  g_return_val_if_fail(SY_IS_FINDING_ITEM(self), NULL);
  return self->source;
}

const char *sy_finding_item_get_text(SyFindingItem *self)
{
  g_return_val_if_fail(SY_IS_FINDING_ITEM(self), NULL);
  return self->text;
}

const char *sy_finding_item_get_place(SyFindingItem *self)
{
  g_return_val_if_fail(SY_IS_FINDING_ITEM(self), NULL);
  return self->place;
}

guint32 sy_finding_item_get_addr(SyFindingItem *self)
{
  g_return_val_if_fail(SY_IS_FINDING_ITEM(self), G_MAXUINT32);
  return self->addr;
}

guint sy_finding_item_get_line(SyFindingItem *self)
{
  g_return_val_if_fail(SY_IS_FINDING_ITEM(self), 0);
  return self->line;
}

char *sy_finding_item_dup_sentence(SyFindingItem *self)
{
  g_return_val_if_fail(SY_IS_FINDING_ITEM(self), NULL);
  return g_strdup_printf("%s · %s%s%s: %s", sy_severity_get_word(self->severity), self->source,
                         self->place ? " · " : "", self->place ? self->place : "", self->text);
}

static void sy_finding_item_finalize(GObject *object)
{
  SyFindingItem *self = SY_FINDING_ITEM(object);

  g_free(self->source);
  g_free(self->text);
  g_free(self->place);
  G_OBJECT_CLASS(sy_finding_item_parent_class)->finalize(object);
}

static void sy_finding_item_class_init(SyFindingItemClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_finding_item_finalize;
}

static void sy_finding_item_init(SyFindingItem *self)
{
}

const char *sy_severity_get_word(SySeverity severity)
{
  switch (severity) {
  case SY_SEVERITY_ERROR:
    return _("Error");
  case SY_SEVERITY_WARNING:
    return _("Warning");
  case SY_SEVERITY_OK:
  default:
    return _("Passed");
  }
}

/* "0x00010014 · line 12, column 3"; NULL when nothing is known. */
static char *dup_place(guint32 addr, guint line, guint column)
{
  GString *text = g_string_new(NULL);

  if (addr != G_MAXUINT32)
    g_string_append_printf(text, "0x%08X", addr);
  if (text->len > 0 && line > 0)
    g_string_append(text, " · ");
  if (line > 0 && column > 0)
    g_string_append_printf(text, _("line %u, column %u"), line, column);
  else if (line > 0)
    g_string_append_printf(text, _("line %u"), line);
  return g_string_free(text, text->len == 0);
}

/* Takes over `source` and `text`. */
static void take_item(SyFindings *self, SySeverity severity, char *source, char *text, guint32 addr,
                      guint line, guint column)
{
  SyFindingItem *item = g_object_new(SY_TYPE_FINDING_ITEM, NULL);

  item->severity = severity;
  item->source = source;
  item->text = text;
  item->addr = addr;
  item->line = line;
  item->place = dup_place(addr, line, column);
  g_ptr_array_add(self->items, item);
}

/* The line of a finding's byte, which the checks do not all say. */
static guint find_line(SyRelease *release, const SyFinding *finding)
{
  if (finding->line > 0 || finding->addr == G_MAXUINT32)
    return finding->line;
  return sy_image_find_line(sy_release_get_image(release), finding->addr);
}

/* Takes over `source`. */
static void add_finding(SyFindings *self, SyRelease *release, const SyFinding *finding,
                        char *source)
{
  take_item(self, finding->severity, source, g_strdup(finding->text), finding->addr,
            find_line(release, finding), 0);
  self->counts[finding->severity]++;
}

static void add_program(SyFindings *self, SyRelease *release, WireBank bank)
{
  const SyProgram *program = sy_release_get_program(release, bank);

  for (guint n = 0; program && n < SY_CHECK_COUNT; n++) {
    const SyFinding *finding = &program->findings[n];

    add_finding(
        self, release, finding,
        g_strdup_printf("%s · %s", sy_bank_to_string(bank), sy_plan_check_name(finding->check)));
  }
}

/* What a release says of its file's text stands among the problems too, and there with its line. */
static gboolean is_told(SyProblems *problems, const SyFinding *finding)
{
  for (guint n = 0; problems && n < sy_problems_get_n(problems); n++)
    if (strstr(finding->text, sy_problems_get(problems, n)->text))
      return TRUE;
  return FALSE;
}

static void add_problems(SyFindings *self, SyProblems *problems)
{
  guint kept[SY_SEVERITY_ERROR + 1] = {0};

  for (guint n = 0; n < sy_problems_get_n(problems); n++) {
    const SyProblem *problem = sy_problems_get(problems, n);

    /* Translators: where something is wrong: in the text of the file. */
    take_item(self, problem->severity, g_strdup(_("Text of the file")),
              sy_format_beginning(problem->text), problem->addr, problem->line, problem->column);
    kept[problem->severity]++;
  }
  for (SySeverity severity = SY_SEVERITY_WARNING; severity <= SY_SEVERITY_ERROR; severity++) {
    guint64 count = sy_problems_count(problems, severity);
    guint more = (guint)MIN(count - kept[severity], G_MAXUINT);

    self->counts[severity] += (guint)MIN(count, G_MAXUINT / 2);
    if (more > 0)
      take_item(self, severity, g_strdup(_("Text of the file")),
                g_strdup_printf(ngettext("%u more is not listed.", "%u more are not listed.", more),
                                more),
                G_MAXUINT32, 0, 0);
  }
}

/* Worst first, else as they were found. */
static void sort_items(GPtrArray *items)
{
  g_autoptr(GPtrArray) found = g_ptr_array_new();

  for (guint n = 0; n < items->len; n++)
    g_ptr_array_add(found, g_ptr_array_index(items, n));
  for (guint severity = SY_SEVERITY_ERROR + 1, to = 0; severity-- > 0;)
    for (guint n = 0; n < found->len; n++)
      if (SY_FINDING_ITEM(g_ptr_array_index(found, n))->severity == severity)
        g_ptr_array_index(items, to++) = g_ptr_array_index(found, n);
}

static char *dup_verdict(SyRelease *release, SyProblems *problems, const guint *counts)
{
  const SyProgram *low = sy_release_get_program(release, WIRE_BANK_LOW);
  const SyProgram *high = sy_release_get_program(release, WIRE_BANK_HIGH);
  guint errors = counts[SY_SEVERITY_ERROR];
  guint warnings = counts[SY_SEVERITY_WARNING];
  gboolean low_usable = low && low->usable;
  gboolean high_usable = high && high->usable;
  const char *usable = sy_bank_to_string(low_usable ? WIRE_BANK_LOW : WIRE_BANK_HIGH);

  if (sy_release_get_error(release) || (!low_usable && !high_usable) ||
      (problems && sy_problems_count(problems, SY_SEVERITY_ERROR) > 0))
    return g_strdup_printf(ngettext("%u error: this file can’t be sent.",
                                    "%u errors: this file can’t be sent.", errors),
                           errors);
  if (errors > 0)
    /* Translators: the bank whose program is whole. */
    return g_strdup_printf(ngettext("%u error: of this file only the %s half can be sent.",
                                    "%u errors: of this file only the %s half can be sent.",
                                    errors),
                           errors, usable);
  if (!low || !high)
    return g_strdup_printf(_("This file can be sent, but to %s only."), usable);
  if (warnings > 0)
    return g_strdup_printf(ngettext("This file can be sent, with %u warning.",
                                    "This file can be sent, with %u warnings.", warnings),
                           warnings);
  return g_strdup(_("This file can be sent."));
}

SyFindings *sy_findings_new(SyRelease *release, SyProblems *problems)
{
  SyFindings *self;

  g_return_val_if_fail(release, NULL);

  self = g_new0(SyFindings, 1);
  self->items = g_ptr_array_new_with_free_func(g_object_unref);
  if (problems)
    add_problems(self, problems);
  for (guint n = 0; n < sy_release_get_n_findings(release); n++) {
    const SyFinding *finding = sy_release_get_finding(release, n);

    if (!is_told(problems, finding))
      add_finding(self, release, finding, g_strdup(_("File")));
  }
  add_program(self, release, WIRE_BANK_LOW);
  add_program(self, release, WIRE_BANK_HIGH);
  sort_items(self->items);
  self->verdict = dup_verdict(release, problems, self->counts);
  return self;
}

void sy_findings_free(SyFindings *self)
{
  g_return_if_fail(self);

  g_ptr_array_unref(self->items);
  g_free(self->verdict);
  g_free(self);
}
