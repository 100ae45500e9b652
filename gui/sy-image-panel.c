/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the opened file holds. */

#include "sy-config.h"

#include "sy-image-panel.h"

#include "sy-findings-list.h"
#include "sy-image-hashes.h"
#include "sy-image-rows.h"
#include "sy-plan.h"
#include "sy-format.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum { SPIN_AFTER_MS = 300 };

struct _SyImagePanel {
  GtkWidget parent_instance;

  GtkStack *stack;
  GtkSpinner *loading_spinner;
  GtkLabel *loading_label;
  AdwStatusPage *error_page;
  GtkStack *views;
  GtkScrolledWindow *scroller;
  GtkBox *groups;
  GtkLabel *reading_label;
  SyBytesPage *bytes;
  SyFindingsList *findings;
  GtkStackPage *findings_page;

  SyRelease *release;
  WireBank idle;
  guint spin_source; /* not 0 while nothing turns yet */
  gboolean filled;   /* the summary shows release and idle */
  gboolean turning;  /* a view is chosen by us */
  gboolean chosen;   /* a person chose the view: files opened later are shown so too */
};

G_DEFINE_FINAL_TYPE(SyImagePanel, sy_image_panel, GTK_TYPE_WIDGET)

static void clear_groups(SyImagePanel *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->groups))))
    gtk_box_remove(self->groups, child);
}

/* Only when it is looked at: a large file's bytes shall not wait for it. */
static void fill_summary(SyImagePanel *self)
{
  const WireBank first = self->idle != WIRE_BANK_NONE ? self->idle : WIRE_BANK_LOW;
  const WireBank order[] = {first, wire_bank_other(first)};

  if (self->filled || !self->release ||
      g_strcmp0(gtk_stack_get_visible_child_name(self->views), "summary") != 0)
    return;
  clear_groups(self);
  gtk_box_append(self->groups, sy_image_rows_create_file(self->release));
  for (guint n = 0; n < G_N_ELEMENTS(order); n++) {
    const SyProgram *program = sy_release_get_program(self->release, order[n]);

    if (program)
      gtk_box_append(self->groups,
                     sy_image_rows_create_program(self->release, program, self->idle));
  }
  gtk_box_append(self->groups, sy_image_rows_create_segments(sy_release_get_image(self->release)));
  if (sy_release_get_file(self->release))
    gtk_box_append(self->groups, sy_image_hashes_create(self->release));
  self->filled = TRUE;
}

static void turn_to(SyImagePanel *self, const char *view)
{
  self->turning = TRUE;
  gtk_stack_set_visible_child_name(self->views, view);
  self->turning = FALSE;
}

static void on_view(SyImagePanel *self)
{
  if (!self->turning)
    self->chosen = TRUE;
  fill_summary(self);
}

static gboolean is_program(SyRelease *release, WireBank bank)
{
  const SyProgram *program = sy_release_get_program(release, bank);

  return program && program->header.length > 0;
}

static gboolean has_errors(SyRelease *release)
{
  SyImageFile *file = sy_release_get_file(release);

  return file && sy_problems_get_first_error(sy_image_file_get_problems(file));
}

/* What a person most likely wants to see of it. */
static const char *choose_view(SyRelease *release)
{
  if (is_program(release, WIRE_BANK_LOW) || is_program(release, WIRE_BANK_HIGH))
    return "summary";
  return has_errors(release) ? "findings" : "bytes";
}

static void update_findings(SyImagePanel *self)
{
  guint count;

  sy_findings_list_set_release(self->findings, self->release);
  count = sy_findings_list_count(self->findings, SY_SEVERITY_ERROR) +
          sy_findings_list_count(self->findings, SY_SEVERITY_WARNING);

  /* Translators: errors and warnings. */
  g_autofree char *title =
      count > 0 ? g_strdup_printf(_("Findings (%u)"), count) : g_strdup(_("Findings"));

  gtk_stack_page_set_title(self->findings_page, title);
  gtk_stack_page_set_needs_attention(self->findings_page,
                                     sy_findings_list_count(self->findings, SY_SEVERITY_ERROR) > 0);
}

/* What turns is painted sixty times a second, which reading had better have for itself: most files
 * are read before anybody could see it turn. */
static gboolean start_spinning(gpointer user_data)
{
  SyImagePanel *self = user_data;

  self->spin_source = 0;
  gtk_spinner_start(self->loading_spinner);
  return G_SOURCE_REMOVE;
}

static void on_go_to_line(SyImagePanel *self, guint line);

static void forget(SyImagePanel *self)
{
  g_clear_handle_id(&self->spin_source, g_source_remove);
  gtk_spinner_stop(self->loading_spinner);
  gtk_widget_set_visible(GTK_WIDGET(self->reading_label), FALSE);
  g_clear_pointer(&self->release, sy_release_unref);
  clear_groups(self);
  self->filled = FALSE;
}

void sy_image_panel_show_loading(SyImagePanel *self, const char *name)
{
  g_autofree char *text = NULL;

  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  forget(self);
  /* Another file begins at its top. */
  gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(self->scroller), 0);
  text = g_strdup_printf(_("Reading %s…"), name);
  gtk_label_set_text(self->loading_label, text);
  gtk_stack_set_visible_child_name(self->stack, "loading");
  self->spin_source = g_timeout_add(SPIN_AFTER_MS, start_spinning, self);
  /* Room for the next one. */
  sy_bytes_page_set_release(self->bytes, NULL);
  sy_findings_list_set_release(self->findings, NULL);
}

void sy_image_panel_show_preview(SyImagePanel *self, SyImage *beginning)
{
  g_return_if_fail(SY_IS_IMAGE_PANEL(self) && beginning);

  if (self->chosen && g_strcmp0(gtk_stack_get_visible_child_name(self->views), "bytes") != 0)
    return;
  turn_to(self, "bytes");
  sy_bytes_page_show_preview(self->bytes, beginning);
  gtk_widget_set_visible(GTK_WIDGET(self->reading_label), TRUE);
  gtk_stack_set_visible_child_name(self->stack, "release");
}

void sy_image_panel_show_error(SyImagePanel *self, const char *name, const char *message)
{
  g_autofree char *title = NULL;
  g_autofree char *what = NULL;
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;

  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  forget(self);
  title = g_strdup_printf(_("%s Can’t Be Used"), name);
  /* Translators: after what is wrong with a file. */
  what = sy_format_beginning(message);
  text = g_strdup_printf(_("%s\n\nNothing was sent to the substation."), what);
  escaped = g_markup_escape_text(text, -1);
  adw_status_page_set_title(self->error_page, title);
  adw_status_page_set_description(self->error_page, escaped);
  gtk_stack_set_visible_child_name(self->stack, "error");
}

void sy_image_panel_show_release(SyImagePanel *self, SyRelease *release, WireBank idle)
{
  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  gboolean other = self->release != release;

  if (release && !other && self->idle == idle)
    return;
  if (release)
    sy_release_ref(release);
  forget(self);
  self->release = release;
  self->idle = idle;
  if (release && other) {
    if (!self->chosen)
      turn_to(self, choose_view(release));
    sy_bytes_page_set_release(self->bytes, release);
    update_findings(self);
  }
  fill_summary(self);
  gtk_stack_set_visible_child_name(self->stack, release ? "release" : "empty");
}

void sy_image_panel_show_view(SyImagePanel *self, const char *view)
{
  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  GtkWidget *child = gtk_stack_get_child_by_name(self->views, view);

  if (!self->release || !child)
    return;
  gtk_stack_set_visible_child(self->views, child);
  /* Keys that show something go on with it. */
  if (child == GTK_WIDGET(self->bytes))
    sy_bytes_page_take_focus(self->bytes);
  else if (child == GTK_WIDGET(self->findings))
    sy_findings_list_take_focus(self->findings);
  else
    gtk_widget_child_focus(child, GTK_DIR_TAB_FORWARD);
}

/* A damaged line gave no bytes: what stands in it is all there is to see. */
static void tell_missing(SyImagePanel *self, guint32 addr)
{
  SyImageFile *file = sy_release_get_file(self->release);
  SyProblems *problems = file ? sy_image_file_get_problems(file) : NULL;
  g_autofree char *text = NULL;

  for (guint n = 0; problems && n < sy_problems_get_n(problems); n++)
    if (sy_problems_get(problems, n)->addr == addr && sy_problems_get(problems, n)->line > 0) {
      on_go_to_line(self, sy_problems_get(problems, n)->line);
      return;
    }
  text = g_strdup_printf(_("Nothing lies at 0x%08X; this is the nearest byte"), addr);
  g_signal_emit_by_name(self, "message", text);
}

void sy_image_panel_go_to(SyImagePanel *self, guint32 addr)
{
  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  if (!self->release)
    return;
  turn_to(self, "bytes");
  if (!sy_bytes_page_go_to(self->bytes, addr, 0))
    tell_missing(self, addr);
  sy_bytes_page_take_focus(self->bytes);
}

void sy_image_panel_run(SyImagePanel *self, const char *action)
{
  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  if (!self->release)
    return;
  turn_to(self, "bytes");
  gtk_widget_activate_action(GTK_WIDGET(self->bytes), action, NULL);
}

SyBytesPage *sy_image_panel_get_bytes(SyImagePanel *self)
{
  g_return_val_if_fail(SY_IS_IMAGE_PANEL(self), NULL);
  return self->bytes;
}

void sy_image_panel_set_narrow(SyImagePanel *self, gboolean narrow)
{
  g_return_if_fail(SY_IS_IMAGE_PANEL(self));
  sy_bytes_page_set_narrow(self->bytes, narrow);
}

static void on_go_to(SyImagePanel *self, guint addr)
{
  sy_image_panel_go_to(self, addr);
}

/* A line that gave no byte has no place among the bytes; its text is all there is. */
static void on_go_to_line(SyImagePanel *self, guint line)
{
  SyImageFile *file = sy_release_get_file(self->release);
  g_autoptr(GError) error = NULL;
  g_autofree char *record = file ? sy_image_file_dup_line(file, line, &error) : NULL;
  g_autofree char *text = NULL;

  if (!file)
    return;
  /* Translators: a line of a file, and what stands there. */
  text = record ? g_strdup_printf(_("Line %u: %s"), line, record) : g_strdup(error->message);
  g_signal_emit_by_name(self, "message", text);
}

static void on_message(SyImagePanel *self, const char *text)
{
  g_signal_emit_by_name(self, "message", text);
}

static void activate_go_to(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_image_panel_go_to(SY_IMAGE_PANEL(widget), g_variant_get_uint32(parameter));
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), g_variant_get_string(parameter, NULL));
  g_signal_emit_by_name(widget, "message", _("Copied"));
}

static void sy_image_panel_dispose(GObject *object)
{
  SyImagePanel *self = SY_IMAGE_PANEL(object);

  g_clear_handle_id(&self->spin_source, g_source_remove);
  g_clear_pointer((GtkWidget **)&self->stack, gtk_widget_unparent);
  g_clear_pointer(&self->release, sy_release_unref);
  G_OBJECT_CLASS(sy_image_panel_parent_class)->dispose(object);
}

static void sy_image_panel_class_init(SyImagePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_image_panel_dispose;
  g_type_ensure(SY_TYPE_BYTES_PAGE);
  g_type_ensure(SY_TYPE_FINDINGS_LIST);
  g_signal_new("message", SY_TYPE_IMAGE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
               1, G_TYPE_STRING);
  gtk_widget_class_install_action(widget_class, "image.go-to", "u", activate_go_to);
  gtk_widget_class_install_action(widget_class, "image.copy", "s", activate_copy);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-image-panel.ui");
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, stack);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, loading_spinner);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, loading_label);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, error_page);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, scroller);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, groups);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, views);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, reading_label);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, bytes);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, findings);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, findings_page);
  gtk_widget_class_bind_template_callback(widget_class, on_go_to);
  gtk_widget_class_bind_template_callback(widget_class, on_go_to_line);
  gtk_widget_class_bind_template_callback(widget_class, on_message);
  gtk_widget_class_bind_template_callback(widget_class, on_view);
}

static void sy_image_panel_init(SyImagePanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
