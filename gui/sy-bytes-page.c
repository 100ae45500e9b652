/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bytes of the opened file, and what belongs to them. */

#include "sy-config.h"

#include "sy-bytes-page.h"

#include "sy-byte-inspector.h"
#include "sy-find-bar.h"
#include "sy-format.h"
#include "sy-go-to-bar.h"
#include "sy-hex-view.h"
#include "sy-image-map.h"

#include <glib/gi18n.h>

struct _SyBytesPage {
  GtkWidget parent_instance;

  GtkWidget *box;
  SyFindBar *find_bar;
  SyGoToBar *go_to_bar;
  GtkRevealer *compare_revealer;
  GtkLabel *compare_label;
  GtkLabel *difference_label;
  SyImageMap *map;
  GtkBox *sides;
  GtkWidget *side_b;
  GtkLabel *name_a_label;
  GtkLabel *name_b_label;
  GtkScrolledWindow *scroller_a;
  GtkScrolledWindow *scroller_b;
  SyHexView *view_a;
  SyHexView *view_b;
  SyByteInspector *inspector;

  SyRelease *release;
  SyComparison *comparison;
  gboolean following; /* one view moves the other's cursor */
};

G_DEFINE_FINAL_TYPE(SyBytesPage, sy_bytes_page, GTK_TYPE_WIDGET)

static SyImage *get_image(SyBytesPage *self)
{
  return self->release ? sy_release_get_image(self->release) : NULL;
}

guint32 sy_bytes_page_get_cursor(SyBytesPage *self)
{
  guint32 addr = 0;

  g_return_val_if_fail(SY_IS_BYTES_PAGE(self), 0);
  (void)sy_hex_view_get_cursor(self->view_a, &addr);
  return addr;
}

SyRange sy_bytes_page_get_selection(SyBytesPage *self)
{
  guint64 addr = 0, end = 0;

  g_return_val_if_fail(SY_IS_BYTES_PAGE(self), ((SyRange){0, 0}));
  if (!sy_hex_view_get_selection(self->view_a, &addr, &end))
    return (SyRange){0, 0};
  return (SyRange){(guint32)addr, end - addr};
}

gboolean sy_bytes_page_go_to(SyBytesPage *self, guint32 addr, guint64 length)
{
  g_return_val_if_fail(SY_IS_BYTES_PAGE(self), FALSE);

  return get_image(self) && sy_hex_view_go_to(self->view_a, addr, length);
}

static void on_go_to(SyBytesPage *self, guint addr)
{
  sy_hex_view_go_to(self->view_a, addr, 0);
  gtk_widget_grab_focus(GTK_WIDGET(self->view_a));
}

static void on_message(SyBytesPage *self, const char *text)
{
  g_signal_emit_by_name(self, "message", text);
}

static void update_close(SyBytesPage *self);

/* --- differences --- */

static void update_difference(SyBytesPage *self)
{
  guint32 addr = sy_bytes_page_get_cursor(self);
  guint count = self->comparison ? sy_comparison_get_n(self->comparison) : 0;
  gint at = count > 0 ? sy_comparison_find_at(self->comparison, addr) : -1;
  GtkWidget *widget = GTK_WIDGET(self);

  gtk_widget_action_set_enabled(widget, "bytes.next-difference", count > 0);
  gtk_widget_action_set_enabled(widget, "bytes.previous-difference", count > 0);
  gtk_widget_action_set_enabled(widget, "bytes.end-comparison", self->comparison != NULL);
  if (at >= 0) {
    /* Translators: the difference at the cursor, of how many. */
    g_autofree char *text = g_strdup_printf(_("%d of %u"), at + 1, count);

    gtk_label_set_text(self->difference_label, text);
  } else {
    gtk_label_set_text(self->difference_label, "");
  }
}

static void show_difference(SyBytesPage *self, gint index)
{
  const SyDiff *diff = sy_comparison_get(self->comparison, (guint)index);

  sy_hex_view_go_to(self->view_a, diff->addr, diff->length);
}

/* Round and round: behind the last comes the first. */
static void next_difference(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyBytesPage *self = SY_BYTES_PAGE(widget);
  guint32 addr = sy_bytes_page_get_cursor(self);
  gint at = sy_comparison_find_at(self->comparison, addr);
  gint next = at >= 0 ? at + 1 : sy_comparison_find_next(self->comparison, addr);

  if (next < 0 || (guint)next >= sy_comparison_get_n(self->comparison))
    next = 0;
  show_difference(self, next);
}

static void previous_difference(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyBytesPage *self = SY_BYTES_PAGE(widget);
  guint32 addr = sy_bytes_page_get_cursor(self);
  gint at = sy_comparison_find_at(self->comparison, addr);
  gint previous = at >= 0 ? at - 1 : sy_comparison_find_previous(self->comparison, addr);

  if (previous < 0)
    previous = (gint)sy_comparison_get_n(self->comparison) - 1;
  show_difference(self, previous);
}

static void end_comparison(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_bytes_page_set_comparison(SY_BYTES_PAGE(widget), NULL, NULL, NULL);
}

/* "3 differences, 512 bytes: 500 other values, 12 only here, 0 only in other.hex". */
static char *dup_summary(SyBytesPage *self, const char *name_b)
{
  gulong total = (gulong)sy_comparison_get_total(self->comparison);
  g_autofree char *same = sy_format_size(sy_comparison_count_same(self->comparison));
  g_autofree char *changed =
      sy_format_size(sy_comparison_count_bytes(self->comparison, SY_DIFF_CHANGED));
  g_autofree char *only_a =
      sy_format_size(sy_comparison_count_bytes(self->comparison, SY_DIFF_ONLY_A));
  g_autofree char *only_b =
      sy_format_size(sy_comparison_count_bytes(self->comparison, SY_DIFF_ONLY_B));
  g_autofree char *counted =
      g_strdup_printf(ngettext("%lu difference", "%lu differences", total), total);

  if (total == 0)
    return g_strdup_printf(_("No difference from %s: %s are alike."), name_b, same);
  /* Translators: how many differences; then bytes: with other values, only here, only there (of
   * which the name follows), alike. */
  return g_strdup_printf(_("%s: %s changed, %s only here, %s only in %s; %s alike"), counted,
                         changed, only_a, only_b, name_b, same);
}

void sy_bytes_page_set_comparison(SyBytesPage *self, SyComparison *comparison, const char *name_b,
                                  const char *note)
{
  g_return_if_fail(SY_IS_BYTES_PAGE(self));

  guint32 cursor = sy_bytes_page_get_cursor(self);

  if (!comparison && !self->comparison)
    return;
  if (comparison)
    sy_comparison_ref(comparison);
  g_clear_pointer(&self->comparison, sy_comparison_unref);
  self->comparison = comparison;
  if (comparison) {
    g_autofree char *summary = dup_summary(self, name_b);
    g_autofree char *text = note ? g_strdup_printf("%s\n%s", summary, note) : g_strdup(summary);

    sy_hex_view_set_comparison(self->view_a, comparison, FALSE);
    sy_hex_view_set_comparison(self->view_b, comparison, TRUE);
    gtk_label_set_text(self->compare_label, text);
    gtk_label_set_text(self->name_a_label, sy_release_get_name(self->release));
    gtk_label_set_text(self->name_b_label, name_b);
  } else {
    sy_hex_view_set_image(self->view_a, get_image(self));
    sy_hex_view_set_comparison(self->view_b, NULL, TRUE);
  }
  sy_hex_view_set_pattern(self->view_a, sy_find_bar_get_pattern(self->find_bar));
  sy_hex_view_set_pattern(self->view_b, sy_find_bar_get_pattern(self->find_bar));
  sy_image_map_set_comparison(self->map, comparison);
  gtk_widget_set_visible(self->side_b, comparison != NULL);
  gtk_revealer_set_reveal_child(self->compare_revealer, comparison != NULL);
  sy_hex_view_go_to(self->view_a, cursor, 0);
  if (comparison && sy_comparison_get_n(comparison) > 0)
    show_difference(self, 0);
  update_difference(self);
  update_close(self);
}

SyComparison *sy_bytes_page_get_comparison(SyBytesPage *self)
{
  g_return_val_if_fail(SY_IS_BYTES_PAGE(self), NULL);
  return self->comparison;
}

/* --- finding, and going to an address --- */

static void on_found(SyBytesPage *self, guint addr, guint length)
{
  sy_hex_view_go_to(self->view_a, addr, length);
}

static void on_pattern(SyBytesPage *self)
{
  GBytes *pattern = sy_find_bar_get_pattern(self->find_bar);
  guint count = 0;
  const guint32 *matches = sy_find_bar_get_matches(self->find_bar, &count);

  sy_hex_view_set_pattern(self->view_a, pattern);
  sy_hex_view_set_pattern(self->view_b, pattern);
  sy_image_map_set_matches(self->map, matches, count);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "bytes.find-next", count > 0);
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "bytes.find-previous", count > 0);
}

static void update_close(SyBytesPage *self)
{
  gtk_widget_action_set_enabled(GTK_WIDGET(self), "bytes.close",
                                self->comparison || sy_go_to_bar_is_open(self->go_to_bar) ||
                                    sy_find_bar_is_open(self->find_bar));
}

static void focus_bytes(SyBytesPage *self)
{
  update_close(self);
  gtk_widget_grab_focus(GTK_WIDGET(self->view_a));
}

static void on_typed(SyBytesPage *self, guint addr)
{
  if (get_image(self) && !sy_hex_view_go_to(self->view_a, addr, 0)) {
    g_autofree char *text =
        g_strdup_printf(_("Nothing lies at 0x%08X; this is the nearest byte"), addr);

    on_message(self, text);
  }
}

static void activate_find(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_find_bar_open(SY_BYTES_PAGE(widget)->find_bar);
  update_close(SY_BYTES_PAGE(widget));
}

static void activate_find_next(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_find_bar_next(SY_BYTES_PAGE(widget)->find_bar);
}

static void activate_find_previous(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_find_bar_previous(SY_BYTES_PAGE(widget)->find_bar);
}

/* Escape, from wherever on the page: the bar that came last, then the comparison. */
static void activate_close(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyBytesPage *self = SY_BYTES_PAGE(widget);

  if (sy_go_to_bar_is_open(self->go_to_bar))
    sy_go_to_bar_close(self->go_to_bar);
  else if (sy_find_bar_is_open(self->find_bar))
    sy_find_bar_close(self->find_bar);
  else
    sy_bytes_page_set_comparison(self, NULL, NULL, NULL);
  update_close(self);
}

static void activate_go_to(GtkWidget *widget, const char *action, GVariant *parameter)
{
  sy_go_to_bar_open(SY_BYTES_PAGE(widget)->go_to_bar);
  update_close(SY_BYTES_PAGE(widget));
}

/* --- what moves together --- */

static void on_visible(SyBytesPage *self)
{
  guint64 addr = 0, end = 0;

  if (sy_hex_view_get_visible(self->view_a, &addr, &end))
    sy_image_map_set_view(self->map, (guint32)addr, end - addr);
  else
    sy_image_map_set_view(self->map, 0, 0);
}

static void tell_place(SyBytesPage *self)
{
  SyRange selection = sy_bytes_page_get_selection(self);

  sy_find_bar_set_place(self->find_bar, sy_bytes_page_get_cursor(self), &selection);
}

static void on_cursor(SyBytesPage *self)
{
  guint32 addr = sy_bytes_page_get_cursor(self);

  if (!get_image(self))
    return;
  sy_image_map_set_cursor(self->map, addr);
  sy_byte_inspector_set_cursor(self->inspector, addr);
  update_difference(self);
  tell_place(self);
  if (self->comparison && !self->following) {
    SyRange selection = sy_bytes_page_get_selection(self);

    self->following = TRUE;
    sy_hex_view_go_to(self->view_b, selection.length > 0 ? selection.addr : addr, selection.length);
    self->following = FALSE;
  }
}

static void on_cursor_b(SyBytesPage *self)
{
  guint32 addr = 0;

  if (self->following || !self->comparison || !sy_hex_view_get_cursor(self->view_b, &addr))
    return;
  self->following = TRUE;
  sy_hex_view_go_to(self->view_a, addr, 0);
  self->following = FALSE;
}

static void on_selection(SyBytesPage *self)
{
  SyRange selection = sy_bytes_page_get_selection(self);

  sy_byte_inspector_set_selection(self->inspector, &selection);
  tell_place(self);
  if (self->comparison && selection.length == 0)
    sy_hex_view_select(self->view_b, 0, 0);
}

/* Of what is shown; 0 when nothing is. */
static guint32 get_first_addr(SyBytesPage *self)
{
  SyImage *image = sy_hex_view_get_image(self->view_a);

  return image && sy_image_get_n_segments(image) > 0 ? sy_image_get_segment(image, 0)->addr : 0;
}

void sy_bytes_page_show_preview(SyBytesPage *self, SyImage *beginning)
{
  g_return_if_fail(SY_IS_BYTES_PAGE(self) && beginning);

  sy_bytes_page_set_release(self, NULL);
  sy_hex_view_set_image(self->view_a, beginning);
}

void sy_bytes_page_set_release(SyBytesPage *self, SyRelease *release)
{
  g_return_if_fail(SY_IS_BYTES_PAGE(self));

  guint32 cursor = sy_bytes_page_get_cursor(self);
  gboolean moved = !self->release && cursor != get_first_addr(self);

  if (release && self->release == release)
    return;
  sy_bytes_page_set_comparison(self, NULL, NULL, NULL);
  if (release)
    sy_release_ref(release);
  g_clear_pointer(&self->release, sy_release_unref);
  self->release = release;
  sy_hex_view_set_image(self->view_a, get_image(self));
  if (moved && release)
    sy_hex_view_go_to(self->view_a, cursor, 0);
  sy_image_map_set_release(self->map, release);
  sy_find_bar_set_image(self->find_bar, get_image(self));
  sy_byte_inspector_set_release(self->inspector, release);
  on_cursor(self);
  on_selection(self);
}

void sy_bytes_page_set_narrow(SyBytesPage *self, gboolean narrow)
{
  g_return_if_fail(SY_IS_BYTES_PAGE(self));

  gtk_widget_set_visible(GTK_WIDGET(self->map), !narrow);
  gtk_orientable_set_orientation(GTK_ORIENTABLE(self->sides),
                                 narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

static void sy_bytes_page_dispose(GObject *object)
{
  SyBytesPage *self = SY_BYTES_PAGE(object);

  g_clear_pointer(&self->box, gtk_widget_unparent);
  g_clear_pointer(&self->release, sy_release_unref);
  g_clear_pointer(&self->comparison, sy_comparison_unref);
  G_OBJECT_CLASS(sy_bytes_page_parent_class)->dispose(object);
}

void sy_bytes_page_take_focus(SyBytesPage *self)
{
  g_return_if_fail(SY_IS_BYTES_PAGE(self));
  gtk_widget_grab_focus(GTK_WIDGET(self->view_a));
}

static void bind_children(GtkWidgetClass *widget_class)
{
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyBytesPage, name)
  BIND(box);
  BIND(find_bar);
  BIND(go_to_bar);
  BIND(compare_revealer);
  BIND(compare_label);
  BIND(difference_label);
  BIND(map);
  BIND(sides);
  BIND(side_b);
  BIND(name_a_label);
  BIND(name_b_label);
  BIND(scroller_a);
  BIND(scroller_b);
  BIND(view_a);
  BIND(view_b);
  BIND(inspector);
#undef BIND
}

static void bind_handlers(GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_callback(widget_class, focus_bytes);
  gtk_widget_class_bind_template_callback(widget_class, on_cursor);
  gtk_widget_class_bind_template_callback(widget_class, on_cursor_b);
  gtk_widget_class_bind_template_callback(widget_class, on_found);
  gtk_widget_class_bind_template_callback(widget_class, on_go_to);
  gtk_widget_class_bind_template_callback(widget_class, on_message);
  gtk_widget_class_bind_template_callback(widget_class, on_pattern);
  gtk_widget_class_bind_template_callback(widget_class, on_selection);
  gtk_widget_class_bind_template_callback(widget_class, on_typed);
}

static void install_actions(GtkWidgetClass *widget_class)
{
  static const struct {
    const char *name;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
      {"bytes.find", activate_find},
      {"bytes.find-next", activate_find_next},
      {"bytes.find-previous", activate_find_previous},
      {"bytes.go-to", activate_go_to},
      {"bytes.close", activate_close},
      {"bytes.next-difference", next_difference},
      {"bytes.previous-difference", previous_difference},
      {"bytes.end-comparison", end_comparison},
  };

  for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
    gtk_widget_class_install_action(widget_class, actions[i].name, NULL, actions[i].activate);
  /* Without anything to close it is the window's. */
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "bytes.close", NULL);
}

static void sy_bytes_page_class_init(SyBytesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_bytes_page_dispose;
  g_type_ensure(SY_TYPE_FIND_BAR);
  g_type_ensure(SY_TYPE_GO_TO_BAR);
  g_type_ensure(SY_TYPE_IMAGE_MAP);
  g_type_ensure(SY_TYPE_HEX_VIEW);
  g_type_ensure(SY_TYPE_BYTE_INSPECTOR);
  g_signal_new("message", SY_TYPE_BYTES_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
               1, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-bytes-page.ui");
  bind_children(widget_class);
  bind_handlers(widget_class);
  install_actions(widget_class);
}

static void sy_bytes_page_init(SyBytesPage *self)
{
  GtkAdjustment *adjustment;

  gtk_widget_init_template(GTK_WIDGET(self));
  /* Both sides have the same rows, so one adjustment scrolls both. */
  adjustment = gtk_scrolled_window_get_vadjustment(self->scroller_a);
  gtk_scrolled_window_set_vadjustment(self->scroller_b, adjustment);
  g_signal_connect_object(adjustment, "changed", G_CALLBACK(on_visible), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(adjustment, "value-changed", G_CALLBACK(on_visible), self,
                          G_CONNECT_SWAPPED);
  on_pattern(self);
  update_difference(self);
  update_close(self);
}
