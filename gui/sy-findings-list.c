/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is right and what is wrong with a file, as a list. */

#include "sy-config.h"

#include "sy-findings-list.h"

#include "sy-findings-model.h"
#include "sy-wrap-box.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _SyFindingsList {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *head;
  GtkWidget *sign;
  GtkLabel *verdict_label;
  GtkLabel *counts_label;
  GtkWidget *all_toggle;
  GtkWidget *copy_button;
  GtkStack *stack;
  GtkWidget *list;
  AdwStatusPage *none_page;

  SyFindings *findings; /* NULL without a file */
  GListStore *shown;    /* of SyFindingItem */
};

G_DEFINE_FINAL_TYPE(SyFindingsList, sy_findings_list, GTK_TYPE_WIDGET)

enum { GO_TO, GO_TO_LINE, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

/* --- signs --- */

static void set_sign(GtkWidget *image, SySeverity severity)
{
  static const char *const icons[] = {"object-select-symbolic", "dialog-warning-symbolic",
                                      "dialog-error-symbolic"};
  static const char *const classes[] = {"success", "warning", "error"};

  gtk_image_set_from_icon_name(GTK_IMAGE(image), icons[severity]);
  for (guint n = 0; n < G_N_ELEMENTS(classes); n++)
    gtk_widget_remove_css_class(image, classes[n]);
  gtk_widget_add_css_class(image, classes[severity]);
  gtk_accessible_update_property(GTK_ACCESSIBLE(image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 sy_severity_get_word(severity), -1);
}

static SySeverity find_worst(const SyFindings *findings)
{
  SySeverity severity = SY_SEVERITY_ERROR;

  while (severity > SY_SEVERITY_OK && findings->counts[severity] == 0)
    severity--;
  return severity;
}

/* --- rows --- */

typedef struct {
  GtkWidget *sign;
  GtkLabel *word;
  GtkLabel *source;
  GtkLabel *place;
  GtkLabel *text;
} Row;

static GtkLabel *create_row_label(const char *css_class)
{
  GtkWidget *label = gtk_label_new(NULL);

  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_widget_add_css_class(label, css_class);
  return GTK_LABEL(label);
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item)
{
  Row *row = g_new0(Row, 1);
  GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *head = sy_wrap_box_new(9, 0);

  row->sign = gtk_image_new();
  gtk_widget_set_valign(row->sign, GTK_ALIGN_START);
  row->word = create_row_label("finding-word");
  row->source = create_row_label("finding-source");
  row->place = create_row_label("finding-place");
  row->text = create_row_label("finding-text");
  gtk_label_set_wrap(row->text, TRUE);
  gtk_label_set_wrap_mode(row->text, PANGO_WRAP_WORD_CHAR);
  sy_wrap_box_append(SY_WRAP_BOX(head), GTK_WIDGET(row->word));
  sy_wrap_box_append(SY_WRAP_BOX(head), GTK_WIDGET(row->source));
  sy_wrap_box_append(SY_WRAP_BOX(head), GTK_WIDGET(row->place));
  gtk_widget_set_hexpand(column, TRUE);
  gtk_box_append(GTK_BOX(column), head);
  gtk_box_append(GTK_BOX(column), GTK_WIDGET(row->text));
  gtk_box_append(GTK_BOX(box), row->sign);
  gtk_box_append(GTK_BOX(box), column);
  g_object_set_data_full(G_OBJECT(box), "row", row, g_free);
  gtk_list_item_set_child(item, box);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item)
{
  static const char *const classes[] = {"success", "warning", "error"};
  SyFindingItem *finding = gtk_list_item_get_item(item);
  GtkWidget *box = gtk_list_item_get_child(item);
  Row *row = g_object_get_data(G_OBJECT(box), "row");
  SySeverity severity = sy_finding_item_get_severity(finding);
  const char *place = sy_finding_item_get_place(finding);
  const char *const word_classes[] = {"finding-word", classes[severity], NULL};
  g_autofree char *sentence = sy_finding_item_dup_sentence(finding);

  set_sign(row->sign, severity);
  gtk_label_set_text(row->word, sy_severity_get_word(severity));
  gtk_widget_set_css_classes(GTK_WIDGET(row->word), (const char **)word_classes);
  gtk_label_set_text(row->source, sy_finding_item_get_source(finding));
  gtk_label_set_text(row->place, place ? place : "");
  gtk_widget_set_visible(GTK_WIDGET(row->place), place != NULL);
  gtk_label_set_text(row->text, sy_finding_item_get_text(finding));
  gtk_list_item_set_activatable(item, place != NULL);
  /* The row is what has the focus, so it is what is read. */
  gtk_accessible_update_property(GTK_ACCESSIBLE(gtk_widget_get_parent(box)),
                                 GTK_ACCESSIBLE_PROPERTY_LABEL, sentence, -1);
}

static void on_activate(SyFindingsList *self, guint position)
{
  g_autoptr(SyFindingItem) finding = g_list_model_get_item(G_LIST_MODEL(self->shown), position);

  if (!finding)
    return;
  if (sy_finding_item_get_addr(finding) != G_MAXUINT32)
    g_signal_emit(self, signals[GO_TO], 0, sy_finding_item_get_addr(finding));
  else if (sy_finding_item_get_line(finding) > 0)
    g_signal_emit(self, signals[GO_TO_LINE], 0, sy_finding_item_get_line(finding));
}

/* --- what is shown --- */

static char *dup_counts(const SyFindings *findings)
{
  guint errors = findings->counts[SY_SEVERITY_ERROR];
  guint warnings = findings->counts[SY_SEVERITY_WARNING];
  g_autofree char *error_text =
      g_strdup_printf(ngettext("%u\302\240error", "%u\302\240errors", errors), errors);
  g_autofree char *warning_text =
      g_strdup_printf(ngettext("%u\302\240warning", "%u\302\240warnings", warnings), warnings);

  /* Translators: errors, warnings, and checks that found nothing wrong. */
  return g_strdup_printf(_("%s\302\240· %s\302\240· %u\302\240passed"), error_text, warning_text,
                         findings->counts[SY_SEVERITY_OK]);
}

/* At once: a list of hundreds is built anew quicker than filtered piece by piece. */
static void fill(SyFindingsList *self)
{
  gboolean all = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->all_toggle));
  g_autoptr(GPtrArray) items = g_ptr_array_new();

  for (guint n = 0; self->findings && n < self->findings->items->len; n++) {
    SyFindingItem *item = g_ptr_array_index(self->findings->items, n);

    if (all || sy_finding_item_get_severity(item) != SY_SEVERITY_OK)
      g_ptr_array_add(items, item);
  }
  g_list_store_splice(self->shown, 0, g_list_model_get_n_items(G_LIST_MODEL(self->shown)),
                      items->pdata, items->len);
  if (!self->findings)
    gtk_stack_set_visible_child_name(self->stack, "empty");
  else
    gtk_stack_set_visible_child_name(self->stack, items->len > 0 ? "list" : "none");
}

static void show_verdict(SyFindingsList *self)
{
  g_autofree char *counts = self->findings ? dup_counts(self->findings) : NULL;

  gtk_widget_set_visible(self->head, self->findings != NULL);
  gtk_label_set_text(self->verdict_label, sy_findings_list_get_verdict(self));
  gtk_label_set_text(self->counts_label, counts ? counts : "");
  if (self->findings) {
    guint passed = self->findings->counts[SY_SEVERITY_OK];
    g_autofree char *text =
        g_strdup_printf(ngettext("%u check passed.", "All %u checks passed.", passed), passed);

    set_sign(self->sign, find_worst(self->findings));
    adw_status_page_set_description(self->none_page, text);
  }
}

void sy_findings_list_set_release(SyFindingsList *self, SyRelease *release)
{
  g_return_if_fail(SY_IS_FINDINGS_LIST(self));

  g_clear_pointer(&self->findings, sy_findings_free);
  if (release) {
    SyImageFile *file = sy_release_get_file(release);

    self->findings = sy_findings_new(release, file ? sy_image_file_get_problems(file) : NULL);
  }
  show_verdict(self);
  fill(self);
}

const char *sy_findings_list_get_verdict(SyFindingsList *self)
{
  g_return_val_if_fail(SY_IS_FINDINGS_LIST(self), NULL);

  return self->findings ? self->findings->verdict : "";
}

guint sy_findings_list_count(SyFindingsList *self, SySeverity severity)
{
  g_return_val_if_fail(SY_IS_FINDINGS_LIST(self) && severity <= SY_SEVERITY_ERROR, 0);

  return self->findings ? self->findings->counts[severity] : 0;
}

char *sy_findings_list_dup_text(SyFindingsList *self)
{
  GString *text;

  g_return_val_if_fail(SY_IS_FINDINGS_LIST(self), NULL);

  text = g_string_new(NULL);
  if (self->findings)
    g_string_append_printf(text, "%s\n", self->findings->verdict);
  for (guint n = 0; self->findings && n < self->findings->items->len; n++) {
    g_autofree char *sentence =
        sy_finding_item_dup_sentence(g_ptr_array_index(self->findings->items, n));

    g_string_append_printf(text, "%s\n", sentence);
  }
  return g_string_free(text, FALSE);
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkWidget *toasts = gtk_widget_get_ancestor(widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *text = sy_findings_list_dup_text(SY_FINDINGS_LIST(widget));
  AdwToast *toast;

  if (text[0] == '\0')
    return;
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
  if (!toasts)
    return;
  toast = adw_toast_new(_("Findings copied"));
  adw_toast_set_timeout(toast, 2);
  adw_toast_overlay_add_toast(ADW_TOAST_OVERLAY(toasts), toast);
}

/* --- keyboard --- */

static gboolean has_focus(GtkWidget *widget)
{
  GtkWidget *focus = gtk_root_get_focus(gtk_widget_get_root(widget));

  return focus && (focus == widget || gtk_widget_is_ancestor(focus, widget));
}

/* To a list view each row is a stop for Tab, and there may be a thousand: here the list is one
 * stop, and the arrow keys move in it. */
static gboolean sy_findings_list_focus(GtkWidget *widget, GtkDirectionType direction)
{
  SyFindingsList *self = SY_FINDINGS_LIST(widget);

  if (has_focus(self->list) && direction == GTK_DIR_TAB_FORWARD)
    return FALSE;
  if (has_focus(self->list) && direction == GTK_DIR_TAB_BACKWARD)
    return gtk_widget_child_focus(self->head, direction);
  return GTK_WIDGET_CLASS(sy_findings_list_parent_class)->focus(widget, direction);
}

/* --- building --- */

static GtkWidget *create_toggles(SyFindingsList *self)
{
  GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *problems = gtk_toggle_button_new_with_label(_("Problems"));

  self->all_toggle = gtk_toggle_button_new_with_label(_("All"));
  gtk_toggle_button_set_group(GTK_TOGGLE_BUTTON(problems), GTK_TOGGLE_BUTTON(self->all_toggle));
  gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->all_toggle), TRUE);
  g_signal_connect_swapped(self->all_toggle, "toggled", G_CALLBACK(fill), self);
  gtk_widget_add_css_class(box, "linked");
  gtk_box_append(GTK_BOX(box), self->all_toggle);
  gtk_box_append(GTK_BOX(box), problems);
  return box;
}

static GtkWidget *create_tools(SyFindingsList *self)
{
  GtkWidget *tools = sy_wrap_box_new(9, 6);

  self->copy_button = gtk_button_new_with_label(_("Copy All as Text"));
  gtk_actionable_set_action_name(GTK_ACTIONABLE(self->copy_button), "findings.copy");
  sy_wrap_box_append(SY_WRAP_BOX(tools), create_toggles(self));
  sy_wrap_box_append(SY_WRAP_BOX(tools), self->copy_button);
  gtk_widget_set_valign(tools, GTK_ALIGN_CENTER);
  return tools;
}

static GtkWidget *create_head(SyFindingsList *self)
{
  GtkWidget *title = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);

  self->head = sy_wrap_box_new(18, 9);
  self->sign = gtk_image_new();
  gtk_image_set_icon_size(GTK_IMAGE(self->sign), GTK_ICON_SIZE_LARGE);
  gtk_widget_set_valign(self->sign, GTK_ALIGN_CENTER);
  self->verdict_label = create_row_label("findings-verdict");
  gtk_label_set_wrap(self->verdict_label, TRUE);
  self->counts_label = create_row_label("dim-label");
  gtk_widget_add_css_class(GTK_WIDGET(self->counts_label), "numeric");
  gtk_label_set_wrap(self->counts_label, TRUE);
  gtk_box_append(GTK_BOX(column), GTK_WIDGET(self->verdict_label));
  gtk_box_append(GTK_BOX(column), GTK_WIDGET(self->counts_label));
  gtk_box_append(GTK_BOX(title), self->sign);
  gtk_box_append(GTK_BOX(title), column);
  gtk_widget_add_css_class(self->head, "findings-head");
  sy_wrap_box_append(SY_WRAP_BOX(self->head), title);
  sy_wrap_box_append(SY_WRAP_BOX(self->head), create_tools(self));
  return self->head;
}

static GtkWidget *create_list(SyFindingsList *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
  GtkSelectionModel *selection =
      GTK_SELECTION_MODEL(gtk_no_selection_new(G_LIST_MODEL(g_object_ref(self->shown))));

  g_signal_connect(factory, "setup", G_CALLBACK(on_setup), NULL);
  g_signal_connect(factory, "bind", G_CALLBACK(on_bind), NULL);
  self->list = gtk_list_view_new(selection, factory);
  gtk_list_view_set_single_click_activate(GTK_LIST_VIEW(self->list), TRUE);
  g_signal_connect_swapped(self->list, "activate", G_CALLBACK(on_activate), self);
  gtk_widget_add_css_class(self->list, "findings");
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 _("Findings"), -1);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER,
                                 GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scroller), self->list);
  gtk_widget_set_vexpand(scroller, TRUE);
  return scroller;
}

static GtkWidget *create_page(const char *icon, const char *title, const char *description)
{
  GtkWidget *page = adw_status_page_new();

  adw_status_page_set_icon_name(ADW_STATUS_PAGE(page), icon);
  adw_status_page_set_title(ADW_STATUS_PAGE(page), title);
  adw_status_page_set_description(ADW_STATUS_PAGE(page), description);
  gtk_widget_add_css_class(page, "compact");
  return page;
}

GtkWidget *sy_findings_list_new(void)
{
  return g_object_new(SY_TYPE_FINDINGS_LIST, NULL);
}

static void sy_findings_list_dispose(GObject *object)
{
  SyFindingsList *self = SY_FINDINGS_LIST(object);

  g_clear_pointer(&self->box, gtk_widget_unparent);
  g_clear_pointer(&self->findings, sy_findings_free);
  g_clear_object(&self->shown);
  G_OBJECT_CLASS(sy_findings_list_parent_class)->dispose(object);
}

void sy_findings_list_take_focus(SyFindingsList *self)
{
  g_return_if_fail(SY_IS_FINDINGS_LIST(self));
  gtk_widget_grab_focus(self->list);
}

static void sy_findings_list_class_init(SyFindingsListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_findings_list_dispose;
  widget_class->focus = sy_findings_list_focus;
  signals[GO_TO] = g_signal_new("go-to", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[GO_TO_LINE] = g_signal_new("go-to-line", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_install_action(widget_class, "findings.copy", NULL, activate_copy);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "findings.copy",
                                      NULL);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name(widget_class, "findingslist");
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void sy_findings_list_init(SyFindingsList *self)
{
  self->shown = g_list_store_new(SY_TYPE_FINDING_ITEM);
  self->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent(self->box, GTK_WIDGET(self));
  self->stack = GTK_STACK(gtk_stack_new());
  gtk_box_append(GTK_BOX(self->box), create_head(self));
  gtk_box_append(GTK_BOX(self->box), GTK_WIDGET(self->stack));
  self->none_page = ADW_STATUS_PAGE(create_page("object-select-symbolic", _("No Problems"), NULL));
  gtk_stack_add_named(self->stack, create_list(self), "list");
  gtk_stack_add_named(self->stack, GTK_WIDGET(self->none_page), "none");
  gtk_stack_add_named(self->stack,
                      create_page("document-open-symbolic", _("No File Open"),
                                  _("Open a hex file to see what is right and wrong with it.")),
                      "empty");
  show_verdict(self);
  fill(self);
}
