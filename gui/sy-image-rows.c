/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The groups of rows that make up the image page. */

#include "sy-config.h"

#include "sy-image-rows.h"

#include "sy-annotation.h"
#include "sy-plan.h"
#include "sy-format.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* More would bury the page; a release has two. */
enum { SEGMENTS_SHOWN_MAX = 32 };

static GtkWidget *create_row(const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new();

  adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
  adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
  if (subtitle)
    adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
  return row;
}

static void add_value(GtkWidget *row, const char *value)
{
  GtkWidget *label = gtk_label_new(value);

  gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text(label, value);
  gtk_label_set_xalign(GTK_LABEL(label), 1);
  gtk_label_set_selectable(GTK_LABEL(label), TRUE);
  gtk_widget_add_css_class(label, "numeric");
  adw_action_row_add_suffix(ADW_ACTION_ROW(row), label);
}

static void add_value_row(AdwPreferencesGroup *group, const char *title, const char *value)
{
  GtkWidget *row = create_row(title, NULL);

  add_value(row, value);
  adw_preferences_group_add(group, row);
}

static GtkWidget *create_sign(SySeverity severity)
{
  static const char *const icons[] = {"object-select-symbolic", "dialog-warning-symbolic",
                                      "dialog-error-symbolic"};
  static const char *const classes[] = {"success", "warning", "error"};
  const char *const words[] = {_("passed"), _("warning"), _("failed")};
  GtkWidget *icon = gtk_image_new_from_icon_name(icons[severity]);

  gtk_widget_add_css_class(icon, classes[severity]);
  gtk_accessible_update_property(GTK_ACCESSIBLE(icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 words[severity], -1);
  return icon;
}

/* A click or Enter shows these bytes. */
static void lead_to(GtkWidget *row, guint32 addr, guint line)
{
  g_autofree char *where = line > 0 ? g_strdup_printf(_("0x%05X · line %u"), addr, line)
                                    : g_strdup_printf("0x%05X", addr);
  GtkWidget *label = gtk_label_new(where);

  gtk_widget_add_css_class(label, "numeric");
  gtk_widget_add_css_class(label, "dim-label");
  adw_action_row_add_suffix(ADW_ACTION_ROW(row), label);
  gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
  gtk_actionable_set_action_name(GTK_ACTIONABLE(row), "image.go-to");
  gtk_actionable_set_action_target(GTK_ACTIONABLE(row), "u", addr);
  gtk_widget_set_tooltip_text(row, _("Show the bytes"));
}

static GtkWidget *create_finding_row(const SyFinding *finding, const char *title)
{
  GtkWidget *row = create_row(title ? title : finding->text, title ? finding->text : NULL);

  adw_action_row_add_prefix(ADW_ACTION_ROW(row), create_sign(finding->severity));
  if (finding->addr != G_MAXUINT32)
    lead_to(row, finding->addr, finding->line);
  return row;
}

static char *dup_contents(SyRelease *release)
{
  gboolean low = sy_release_get_program(release, WIRE_BANK_LOW) != NULL;
  gboolean high = sy_release_get_program(release, WIRE_BANK_HIGH) != NULL;

  if (sy_release_is_factory(release))
    return g_strdup(_("Factory image: loader and program"));
  if (low && high)
    return g_strdup(_("Release for both banks"));
  if (low || high)
    return g_strdup_printf(_("Program for %s only"),
                           sy_bank_to_string(low ? WIRE_BANK_LOW : WIRE_BANK_HIGH));
  return g_strdup(_("No program"));
}

/* What kind of file it is, and where it says that the program starts. */
static void add_file_rows(AdwPreferencesGroup *group, SyRelease *release)
{
  SyImageFile *file = sy_release_get_file(release);
  guint32 start;

  if (file) {
    guint n_lines = sy_image_file_get_n_lines(file);
    g_autofree char *size = sy_format_size(sy_image_file_get_length(file));
    g_autofree char *lines =
        n_lines > 0 ? g_strdup_printf(ngettext("%u line", "%u lines", n_lines), n_lines) : NULL;
    const char *const pieces[] = {sy_format_to_string(sy_image_file_get_format(file)), size, lines,
                                  NULL};
    g_autofree char *text = sy_format_pieces(pieces);

    add_value_row(group, _("Format"), text);
  }
  if (sy_image_get_start(sy_release_get_image(release), &start)) {
    g_autofree char *text = g_strdup_printf("0x%08X", start);

    add_value_row(group, _("Start Address"), text);
  }
}

GtkWidget *sy_image_rows_create_file(SyRelease *release)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP(adw_preferences_group_new());
  g_autofree char *size = sy_format_size(sy_image_get_size(sy_release_get_image(release)));
  g_autofree char *contents = dup_contents(release);
  const char *name = sy_release_get_name(release);
  guint32 version = sy_release_get_version(release);
  g_autofree char *title = g_markup_escape_text(name ? name : _("File"), -1);

  adw_preferences_group_set_title(group, title);
  add_value_row(group, _("Contents"), contents);
  if (version != 0) {
    g_autofree char *text = sy_version_to_string(version);
    add_value_row(group, _("Version"), text);
  }
  add_value_row(group, _("Data"), size);
  add_file_rows(group, release);
  for (guint n = 0; n < sy_release_get_n_findings(release); n++)
    adw_preferences_group_add(group, create_finding_row(sy_release_get_finding(release, n), NULL));
  return GTK_WIDGET(group);
}

static void add_header_rows(AdwPreferencesGroup *group, const SyProgram *program)
{
  g_autofree char *size = sy_format_size(program->length);
  g_autofree char *range = sy_format_range(program->addr, program->length);
  g_autofree char *where = g_strdup_printf("%s · %s", size, range);
  g_autofree char *product = sy_product_to_string(program->header.product);
  g_autofree char *made_for = program->header.name[0] != '\0'
                                  ? g_strdup_printf("%s · %s", product, program->header.name)
                                  : g_strdup(product);
  g_autofree char *crc = g_strdup_printf("0x%08X", program->header.crc);

  add_value_row(group, _("Size"), where);
  if (program->header.length == 0)
    return;
  add_value_row(group, _("Made For"), made_for);
  add_value_row(group, _("Checksum (CRC-32)"), crc);
}

static char *dup_check_summary(const SyProgram *program, SySeverity *worst)
{
  guint counts[SY_SEVERITY_ERROR + 1] = {0};
  guint total = SY_CHECK_COUNT;
  guint failed;

  *worst = SY_SEVERITY_OK;
  for (guint n = 0; n < SY_CHECK_COUNT; n++) {
    counts[program->findings[n].severity]++;
    *worst = MAX(*worst, program->findings[n].severity);
  }
  failed = counts[SY_SEVERITY_ERROR];
  if (*worst == SY_SEVERITY_ERROR)
    return g_strdup_printf(ngettext("%u of %u check failed", "%u of %u checks failed", total),
                           failed, total);
  if (*worst == SY_SEVERITY_WARNING)
    return g_strdup_printf(
        ngettext("%u check done, with warnings", "%u checks done, with warnings", total), total);
  return g_strdup_printf(ngettext("%u check passed", "All %u checks passed", total), total);
}

static GtkWidget *create_checks_row(const SyProgram *program, gboolean expanded)
{
  SySeverity worst;
  g_autofree char *summary = dup_check_summary(program, &worst);
  GtkWidget *row = adw_expander_row_new();

  adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), summary);
  adw_expander_row_add_prefix(ADW_EXPANDER_ROW(row), create_sign(worst));
  adw_expander_row_set_expanded(ADW_EXPANDER_ROW(row), expanded || worst != SY_SEVERITY_OK);
  for (guint n = 0; n < SY_CHECK_COUNT; n++)
    adw_expander_row_add_row(
        ADW_EXPANDER_ROW(row),
        create_finding_row(&program->findings[n], sy_plan_check_name(program->findings[n].check)));
  return row;
}

static void add_field(GtkWidget *expander, const SyAnnotation *field)
{
  GtkWidget *row = create_row(field->name, NULL);

  if (field->severity != SY_SEVERITY_OK)
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), create_sign(field->severity));
  add_value(row, field->value);
  lead_to(row, field->has_target ? field->target_addr : field->addr, 0);
  adw_expander_row_add_row(ADW_EXPANDER_ROW(expander), row);
}

/* Vectors with where they lead, and what the header says. */
static GtkWidget *create_fields_row(SyRelease *release, const SyProgram *program)
{
  g_autoptr(SyAnnotations) fields = sy_annotations_new(release);
  GtkWidget *row = adw_expander_row_new();

  adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), _("Vectors and header"));
  for (guint n = 0; n < sy_annotations_get_n(fields); n++) {
    const SyAnnotation *field = sy_annotations_get(fields, n);

    if (field->addr - program->addr < program->length)
      add_field(row, field);
  }
  return row;
}

GtkWidget *sy_image_rows_create_program(SyRelease *release, const SyProgram *program, WireBank idle)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP(adw_preferences_group_new());
  const char *bank = sy_bank_to_string(program->bank);
  g_autofree char *version = sy_version_to_string(program->header.version);
  g_autofree char *title =
      program->header.length > 0 ? g_strdup_printf("%s  %s", bank, version) : g_strdup(bank);
  /* Translators: of a program in the file; the other bank is named. */
  g_autofree char *not_now =
      g_strdup_printf(_("Not written now: an upgrade goes to %s."), sy_bank_to_string(idle));

  adw_preferences_group_set_title(group, title);
  if (idle == program->bank)
    adw_preferences_group_set_description(group, _("An upgrade writes this program."));
  else if (idle != WIRE_BANK_NONE)
    adw_preferences_group_set_description(group, not_now);
  add_header_rows(group, program);
  adw_preferences_group_add(group, create_checks_row(program, idle == program->bank));
  adw_preferences_group_add(group, create_fields_row(release, program));
  return GTK_WIDGET(group);
}

static void add_segment(AdwPreferencesGroup *group, const SySegment *segment)
{
  g_autofree char *range = sy_format_range(segment->addr, segment->length);
  g_autofree char *size = sy_format_size(segment->length);
  g_autofree char *line =
      segment->line > 0 ? g_strdup_printf(_("from line %u"), segment->line) : NULL;
  GtkWidget *row = create_row(range, line);

  add_value(row, size);
  gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
  gtk_actionable_set_action_name(GTK_ACTIONABLE(row), "image.go-to");
  gtk_actionable_set_action_target(GTK_ACTIONABLE(row), "u", segment->addr);
  adw_preferences_group_add(group, row);
}

static void add_gap(AdwPreferencesGroup *group, guint64 length)
{
  g_autofree char *size = sy_format_size(length);
  GtkWidget *row = create_row(_("Gap"), NULL);

  gtk_widget_add_css_class(row, "dim-label");
  add_value(row, size);
  adw_preferences_group_add(group, row);
}

GtkWidget *sy_image_rows_create_segments(SyImage *image)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP(adw_preferences_group_new());
  guint count = sy_image_get_n_segments(image);
  guint64 end = 0;

  adw_preferences_group_set_title(group, _("Segments"));
  for (guint n = 0; n < MIN(count, SEGMENTS_SHOWN_MAX); n++) {
    const SySegment *segment = sy_image_get_segment(image, n);

    if (n > 0)
      add_gap(group, segment->addr - end);
    add_segment(group, segment);
    end = (guint64)segment->addr + segment->length;
  }
  if (count > SEGMENTS_SHOWN_MAX) {
    guint more = count - SEGMENTS_SHOWN_MAX;
    g_autofree char *text =
        g_strdup_printf(ngettext("%u more segment", "%u more segments", more), more);

    adw_preferences_group_add(group, create_row(text, NULL));
  }
  return GTK_WIDGET(group);
}
