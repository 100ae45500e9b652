/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The overview map: what is chosen, where a click leads, and what is told of it. */

#include "sy-config.h"

#include "sy-image-map.h"

#include "sy-annotation.h"
#include "sy-image-map-paint.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum { HEIGHT_MIN = 120, FRAME_HEIGHT_MIN = 5 };

struct _SyImageMap {
  GtkWidget parent_instance;

  SyRelease *release;
  SyAnnotations *annotations;
  SyComparison *comparison;
  GArray *matches; /* of guint32, rising */
  SyImageScale *scale;
  GArray *rows;        /* of SyMapRow; NULL: to be made anew */
  GskRenderNode *node; /* what changes seldom; NULL: to be drawn anew */
  guint64 view_length;
  guint32 view_addr;
  guint32 cursor_addr;
  guint32 chosen_addr;
  gboolean has_cursor;
  gboolean has_chosen; /* by keyboard */
};

G_DEFINE_FINAL_TYPE(SyImageMap, sy_image_map, GTK_TYPE_WIDGET)

enum { GO_TO, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static void forget_node(SyImageMap *self)
{
  g_clear_pointer(&self->node, gsk_render_node_unref);
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void forget_rows(SyImageMap *self)
{
  g_clear_pointer(&self->rows, g_array_unref);
  forget_node(self);
}

static void renew_scale(SyImageMap *self)
{
  int height = gtk_widget_get_height(GTK_WIDGET(self)) - 2 * SY_MAP_MARGIN;

  g_clear_pointer(&self->scale, sy_image_scale_free);
  if (self->release)
    self->scale = sy_image_scale_new(sy_release_get_image(self->release), height);
  forget_rows(self);
}

static gboolean is_empty(SyImageMap *self)
{
  return !self->release || sy_image_get_n_segments(sy_release_get_image(self->release)) == 0;
}

/* --- telling --- */

static void describe(SyImageMap *self)
{
  g_autofree char *text = NULL;

  if (is_empty(self)) {
    text = g_strdup(_("There is nothing to show."));
  } else {
    SyImage *image = sy_release_get_image(self->release);
    guint count = sy_image_get_n_segments(image);
    const SySegment *last = sy_image_get_segment(image, count - 1);

    /* Translators: what a screen reader says of the overview map of a file. */
    text = g_strdup_printf(ngettext("%u segment, from 0x%05X to 0x%05X. Up and Down choose a "
                                    "segment, Enter goes there.",
                                    "%u segments, from 0x%05X to 0x%05X. Up and Down choose a "
                                    "segment, Enter goes there.",
                                    count),
                           count, sy_image_get_segment(image, 0)->addr,
                           last->addr + (last->length - 1));
  }
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                 -1);
}

/* "0x10000 · HIGH, sector 8 · segment 2 of 2, …" */
static char *dup_place(SyImageMap *self, guint32 addr)
{
  g_auto(GStrv) pieces = sy_annotations_describe(self->annotations, addr);
  g_autofree char *all = g_strjoinv(" · ", pieces);

  return g_strdup_printf("0x%05X · %s", addr, all);
}

/* The label is what is read again when it changes. */
static void tell_place(SyImageMap *self)
{
  g_autofree char *label = g_strdup(_("Map of the image"));
  guint32 addr;

  if (sy_image_map_get_chosen(self, &addr)) {
    g_autofree char *place = dup_place(self, addr);

    g_free(label);
    /* Translators: of the overview map; then the address, and what is there. */
    label = g_strdup_printf(_("Map of the image: %s"), place);
  }
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                 GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, label, -1);
}

/* --- stops of the keyboard --- */

/* Where a segment begins, or a part of flash within one. */
static gboolean find_next_stop(SyImage *image, guint32 addr, guint32 *stop)
{
  guint count = sy_image_get_n_segments(image);
  guint index = sy_image_find_segment_index(image, addr);
  const SySegment *segment = index < count ? sy_image_get_segment(image, index) : NULL;

  if (!segment)
    return FALSE;
  if (segment->addr > addr) {
    *stop = segment->addr;
    return TRUE;
  }
  if (sy_flash_part_at(addr) < SY_PART_OUTSIDE) {
    *stop = sy_flash_part_get_range(sy_flash_part_at(addr) + 1).addr;
    if (*stop - segment->addr < segment->length)
      return TRUE;
  }
  if (index + 1 == count)
    return FALSE;
  *stop = sy_image_get_segment(image, index + 1)->addr;
  return TRUE;
}

static gboolean find_previous_stop(SyImage *image, guint32 addr, guint32 *stop)
{
  guint index;
  const SySegment *segment;

  if (addr == 0 || addr <= sy_image_get_segment(image, 0)->addr)
    return FALSE;
  index = sy_image_find_segment_index(image, addr - 1);
  if (index == sy_image_get_n_segments(image) ||
      sy_image_get_segment(image, index)->addr > addr - 1)
    index--;
  segment = sy_image_get_segment(image, index);
  addr = MIN(addr - 1, segment->addr + (segment->length - 1));
  *stop = MAX(segment->addr, sy_flash_part_get_range(sy_flash_part_at(addr)).addr);
  return TRUE;
}

static void choose(SyImageMap *self, guint32 addr)
{
  self->has_chosen = TRUE;
  self->chosen_addr = addr;
  tell_place(self);
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

static void choose_step(SyImageMap *self, gboolean down)
{
  SyImage *image = sy_release_get_image(self->release);
  guint32 first = sy_image_get_segment(image, 0)->addr;
  guint32 from = first;
  guint32 stop;

  if (!sy_image_map_get_chosen(self, &from))
    choose(self, first);
  else if (down ? find_next_stop(image, from, &stop) : find_previous_stop(image, from, &stop))
    choose(self, stop);
  else
    gtk_widget_error_bell(GTK_WIDGET(self));
}

static void choose_end(SyImageMap *self, gboolean last)
{
  SyImage *image = sy_release_get_image(self->release);
  const SySegment *segment =
      sy_image_get_segment(image, last ? sy_image_get_n_segments(image) - 1 : 0);
  guint32 stop = segment->addr;

  if (last)
    stop =
        MAX(stop,
            sy_flash_part_get_range(sy_flash_part_at(segment->addr + (segment->length - 1))).addr);
  choose(self, stop);
}

static void go_to(SyImageMap *self, guint32 addr)
{
  g_signal_emit(self, signals[GO_TO], 0, addr);
}

static gboolean on_key(SyImageMap *self, guint key, guint code, GdkModifierType state)
{
  guint32 addr;

  if (is_empty(self) || state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK))
    return FALSE;
  switch (key) {
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    choose_step(self, key == GDK_KEY_Down || key == GDK_KEY_KP_Down);
    return TRUE;
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
  case GDK_KEY_End:
  case GDK_KEY_KP_End:
    choose_end(self, key == GDK_KEY_End || key == GDK_KEY_KP_End);
    return TRUE;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_ISO_Enter:
  case GDK_KEY_space:
  case GDK_KEY_KP_Space:
    if (sy_image_map_get_chosen(self, &addr))
      go_to(self, addr);
    return TRUE;
  default:
    return FALSE;
  }
}

/* --- the pointer --- */

gboolean sy_image_map_get_y(SyImageMap *self, guint32 addr, double *y)
{
  g_return_val_if_fail(SY_IS_IMAGE_MAP(self) && y, FALSE);

  if (!self->scale || sy_image_scale_get_n(self->scale) == 0)
    return FALSE;
  *y = SY_MAP_MARGIN + sy_image_scale_get_y(self->scale, addr);
  return TRUE;
}

gboolean sy_image_map_get_addr(SyImageMap *self, double y, guint32 *addr)
{
  SyImage *image;
  const SySegment *segment;
  guint64 wanted;
  guint index;

  g_return_val_if_fail(SY_IS_IMAGE_MAP(self) && addr, FALSE);

  if (!self->scale || sy_image_scale_get_n(self->scale) == 0)
    return FALSE;
  image = sy_release_get_image(self->release);
  wanted = sy_image_scale_get_addr(self->scale, y - SY_MAP_MARGIN);
  *addr = (guint32)MIN(wanted, G_MAXUINT32);
  index = sy_image_find_segment_index(image, *addr);
  segment = index < sy_image_get_n_segments(image) ? sy_image_get_segment(image, index) : NULL;
  if (segment && segment->addr <= *addr)
    return TRUE;
  /* In a gap, or behind the last byte: the nearer end. */
  if (index > 0) {
    const SySegment *before = sy_image_get_segment(image, index - 1);
    guint32 last = before->addr + (before->length - 1);

    if (!segment || *addr - last < segment->addr - *addr) {
      *addr = last;
      return TRUE;
    }
  }
  *addr = segment->addr;
  return TRUE;
}

static void go_to_y(SyImageMap *self, double y)
{
  guint32 addr;

  if (sy_image_map_get_addr(self, y, &addr))
    go_to(self, addr);
}

static void on_drag_begin(SyImageMap *self, double x, double y)
{
  gtk_widget_grab_focus(GTK_WIDGET(self));
  go_to_y(self, y);
}

static void on_drag_update(SyImageMap *self, double dx, double dy, GtkGestureDrag *drag)
{
  double x;
  double y;

  if (gtk_gesture_drag_get_start_point(drag, &x, &y))
    go_to_y(self, y + dy);
}

static gboolean sy_image_map_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
                                           GtkTooltip *tooltip)
{
  SyImageMap *self = SY_IMAGE_MAP(widget);
  g_autofree char *text = NULL;
  guint32 addr;

  if (is_empty(self) || !self->scale)
    return FALSE;
  if (keyboard) {
    if (!sy_image_map_get_chosen(self, &addr))
      return FALSE;
  } else {
    addr = (guint32)MIN(sy_image_scale_get_addr(self->scale, y - SY_MAP_MARGIN), G_MAXUINT32);
  }
  text = dup_place(self, addr);
  gtk_tooltip_set_text(tooltip, text);
  return TRUE;
}

/* --- drawing --- */

static void draw_over(SyImageMap *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET(self);
  float width = SY_MAP_BAR_WIDTH + 6;
  float x = SY_MAP_BAR_X - 3;
  GdkRGBA ink;
  double y;
  double end;

  gtk_style_context_get_color(gtk_widget_get_style_context(widget), &ink);
  if (self->view_length > 0 && sy_image_map_get_y(self, self->view_addr, &y)) {
    GskRoundedRect frame;

    end = SY_MAP_MARGIN +
          sy_image_scale_get_y(self->scale, (guint64)self->view_addr + self->view_length);
    y = MIN(y, gtk_widget_get_height(widget) - SY_MAP_MARGIN - FRAME_HEIGHT_MIN);
    gsk_rounded_rect_init_from_rect(
        &frame,
        &GRAPHENE_RECT_INIT(x, floorf((float)y) - 1, width,
                            ceilf(MAX((float)(end - y), FRAME_HEIGHT_MIN)) + 2),
        3);
    gtk_snapshot_append_border(snapshot, &frame, (float[]){2, 2, 2, 2},
                               (GdkRGBA[]){ink, ink, ink, ink});
  }
  if (self->has_cursor && sy_image_map_get_y(self, self->cursor_addr, &y)) {
    gboolean dark = adw_style_manager_get_dark(adw_style_manager_get_default());
    GdkRGBA ground = dark ? (GdkRGBA){0, 0, 0, 0.8f} : (GdkRGBA){1, 1, 1, 0.9f};

    gtk_snapshot_append_color(snapshot, &ground,
                              &GRAPHENE_RECT_INIT(x, floorf((float)y) - 1, width, 4));
    gtk_snapshot_append_color(snapshot, &ink, &GRAPHENE_RECT_INIT(x, floorf((float)y), width, 2));
  }
}

/* A wedge that points at what the keyboard has chosen. */
static void draw_chosen(SyImageMap *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET(self);
  graphene_rect_t bounds;
  cairo_t *cr;
  GdkRGBA accent;
  double y;

  if (!self->has_chosen || !gtk_widget_has_focus(widget) ||
      !sy_image_map_get_y(self, self->chosen_addr, &y))
    return;
  if (!gtk_style_context_lookup_color(gtk_widget_get_style_context(widget), "accent_color",
                                      &accent))
    gtk_style_context_get_color(gtk_widget_get_style_context(widget), &accent);
  bounds = GRAPHENE_RECT_INIT(SY_MAP_SIDE_X - 4, (float)y - 8, 16, 16);
  cr = gtk_snapshot_append_cairo(snapshot, &bounds);
  gdk_cairo_set_source_rgba(cr, &accent);
  cairo_move_to(cr, SY_MAP_SIDE_X - 3, y);
  cairo_rel_line_to(cr, 11, -6);
  cairo_rel_line_to(cr, 0, 12);
  cairo_close_path(cr);
  cairo_fill(cr);
  cairo_destroy(cr);
}

static void draw_base(SyImageMap *self)
{
  GtkSnapshot *snapshot = gtk_snapshot_new();

  if (!self->rows) {
    const SyMapInput input = {
        .release = self->release,
        .comparison = self->comparison,
        .matches = (const guint32 *)(gpointer)self->matches->data,
        .n_matches = self->matches->len,
    };

    self->rows = sy_map_rows_new(&input, self->scale);
  }
  sy_map_paint(GTK_WIDGET(self), snapshot, self->scale, self->rows);
  self->node = gtk_snapshot_free_to_node(snapshot);
}

static void sy_image_map_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  SyImageMap *self = SY_IMAGE_MAP(widget);

  if (!self->scale || sy_image_scale_get_n(self->scale) == 0)
    return;
  if (!self->node)
    draw_base(self);
  if (self->node)
    gtk_snapshot_append_node(snapshot, self->node);
  draw_over(self, snapshot);
  draw_chosen(self, snapshot);
}

static void sy_image_map_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
  renew_scale(SY_IMAGE_MAP(widget));
}

static void sy_image_map_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                 int *minimum, int *natural, int *minimum_baseline,
                                 int *natural_baseline)
{
  gboolean vertical = orientation == GTK_ORIENTATION_VERTICAL;

  *minimum = vertical ? HEIGHT_MIN : SY_MAP_WIDTH_MIN;
  *natural = vertical ? HEIGHT_MIN : SY_MAP_WIDTH;
}

static void sy_image_map_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS(sy_image_map_parent_class)->css_changed(widget, change);
  forget_node(SY_IMAGE_MAP(widget));
}

/* --- what is shown --- */

void sy_image_map_set_release(SyImageMap *self, SyRelease *release)
{
  g_return_if_fail(SY_IS_IMAGE_MAP(self));

  if (self->release == release)
    return;
  g_clear_pointer(&self->annotations, sy_annotations_unref);
  g_clear_pointer(&self->comparison, sy_comparison_unref);
  g_clear_pointer(&self->release, sy_release_unref);
  g_array_set_size(self->matches, 0);
  self->has_cursor = FALSE;
  self->has_chosen = FALSE;
  self->view_length = 0;
  if (release) {
    self->release = sy_release_ref(release);
    self->annotations = sy_annotations_new(release);
  }
  renew_scale(self);
  describe(self);
  tell_place(self);
}

void sy_image_map_set_view(SyImageMap *self, guint32 addr, guint64 length)
{
  g_return_if_fail(SY_IS_IMAGE_MAP(self));

  if (self->view_addr == addr && self->view_length == length)
    return;
  self->view_addr = addr;
  self->view_length = length;
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

void sy_image_map_set_cursor(SyImageMap *self, guint32 addr)
{
  g_return_if_fail(SY_IS_IMAGE_MAP(self));

  if (!self->release)
    return;
  self->has_cursor = TRUE;
  self->cursor_addr = addr;
  self->has_chosen = FALSE;
  tell_place(self);
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

void sy_image_map_set_comparison(SyImageMap *self, SyComparison *comparison)
{
  g_return_if_fail(SY_IS_IMAGE_MAP(self));

  if (comparison)
    sy_comparison_ref(comparison);
  g_clear_pointer(&self->comparison, sy_comparison_unref);
  self->comparison = comparison;
  forget_rows(self);
}

static int compare_addrs(gconstpointer a, gconstpointer b)
{
  guint32 first = *(const guint32 *)a;
  guint32 second = *(const guint32 *)b;

  return first < second ? -1 : first > second;
}

void sy_image_map_set_matches(SyImageMap *self, const guint32 *addrs, guint n_addrs)
{
  g_return_if_fail(SY_IS_IMAGE_MAP(self) && (addrs || n_addrs == 0));

  g_array_set_size(self->matches, 0);
  if (n_addrs > 0)
    g_array_append_vals(self->matches, addrs, n_addrs);
  g_array_sort(self->matches, compare_addrs);
  forget_rows(self);
}

gboolean sy_image_map_get_chosen(SyImageMap *self, guint32 *addr)
{
  g_return_val_if_fail(SY_IS_IMAGE_MAP(self) && addr, FALSE);

  if (!self->has_chosen && !self->has_cursor)
    return FALSE;
  *addr = self->has_chosen ? self->chosen_addr : self->cursor_addr;
  return TRUE;
}

GtkWidget *sy_image_map_new(void)
{
  return g_object_new(SY_TYPE_IMAGE_MAP, NULL);
}

static void sy_image_map_finalize(GObject *object)
{
  SyImageMap *self = SY_IMAGE_MAP(object);

  g_clear_pointer(&self->annotations, sy_annotations_unref);
  g_clear_pointer(&self->comparison, sy_comparison_unref);
  g_clear_pointer(&self->release, sy_release_unref);
  g_clear_pointer(&self->scale, sy_image_scale_free);
  g_clear_pointer(&self->rows, g_array_unref);
  g_clear_pointer(&self->node, gsk_render_node_unref);
  g_array_unref(self->matches);
  G_OBJECT_CLASS(sy_image_map_parent_class)->finalize(object);
}

static void sy_image_map_class_init(SyImageMapClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->finalize = sy_image_map_finalize;
  widget_class->snapshot = sy_image_map_snapshot;
  widget_class->size_allocate = sy_image_map_size_allocate;
  widget_class->measure = sy_image_map_measure;
  widget_class->css_changed = sy_image_map_css_changed;
  widget_class->query_tooltip = sy_image_map_query_tooltip;
  signals[GO_TO] = g_signal_new("go-to", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name(widget_class, "imagemap");
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void sy_image_map_init(SyImageMap *self)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  GtkWidget *widget = GTK_WIDGET(self);
  GtkEventController *keys = gtk_event_controller_key_new();
  GtkGesture *drag = gtk_gesture_drag_new();

  /* Its words stand behind the bar, whose side no language changes. */
  gtk_widget_set_direction(widget, GTK_TEXT_DIR_LTR);
  self->matches = g_array_new(FALSE, FALSE, sizeof(guint32));
  gtk_widget_set_focusable(widget, TRUE);
  gtk_widget_set_has_tooltip(widget, TRUE);
  gtk_widget_set_cursor_from_name(widget, "pointer");
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_ORIENTATION,
                                 GTK_ORIENTATION_VERTICAL, -1);
  g_signal_connect_swapped(keys, "key-pressed", G_CALLBACK(on_key), self);
  g_signal_connect_swapped(drag, "drag-begin", G_CALLBACK(on_drag_begin), self);
  g_signal_connect_swapped(drag, "drag-update", G_CALLBACK(on_drag_update), self);
  gtk_widget_add_controller(widget, keys);
  gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
  g_signal_connect_object(style, "notify::dark", G_CALLBACK(forget_node), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(style, "notify::high-contrast", G_CALLBACK(forget_node), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(widget, "notify::has-focus", G_CALLBACK(gtk_widget_queue_draw), self,
                          G_CONNECT_SWAPPED);
  describe(self);
  tell_place(self);
}
