/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finds bytes or text in an image. */

#include "sy-config.h"

#include "sy-find-bar.h"

#include "sy-search.h"

#include <glib/gi18n.h>
#include <string.h>

enum { KIND_BYTES, KIND_TEXT }; /* as in the drop-down */

struct _SyFindBar {
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkDropDown *kind_dropdown;
  GtkSearchEntry *entry;
  GtkLabel *label;

  SyImage *image;
  guint32 cursor;
  SyRange selection;
  GBytes *pattern;
  GArray *matches; /* of guint32 */
  gboolean more;   /* there are more */
};

G_DEFINE_FINAL_TYPE(SyFindBar, sy_find_bar, GTK_TYPE_WIDGET)

GBytes *sy_find_bar_get_pattern(SyFindBar *self)
{
  g_return_val_if_fail(SY_IS_FIND_BAR(self), NULL);
  return self->pattern;
}

const guint32 *sy_find_bar_get_matches(SyFindBar *self, guint *n_matches)
{
  g_return_val_if_fail(SY_IS_FIND_BAR(self) && n_matches, NULL);

  *n_matches = self->matches->len;
  return (const guint32 *)(gpointer)self->matches->data;
}

static void find_all(SyFindBar *self)
{
  guint64 from = 0;
  guint32 found;

  g_array_set_size(self->matches, 0);
  self->more = FALSE;
  if (!self->pattern || !self->image)
    return;
  while (!self->more && sy_image_search_forward(self->image, self->pattern, from, &found)) {
    self->more = self->matches->len == SY_MATCHES_MAX;
    if (!self->more)
      g_array_append_val(self->matches, found);
    from = (guint64)found + 1;
  }
}

static gboolean is_at_match(SyFindBar *self)
{
  return self->pattern && self->selection.length == g_bytes_get_size(self->pattern);
}

/* The match at hand, counted from 1; 0 when it is none, or not among those counted. */
static guint find_number(SyFindBar *self)
{
  guint from = 0, to = self->matches->len;

  while (is_at_match(self) && from < to) {
    guint middle = from + (to - from) / 2;
    guint32 addr = g_array_index(self->matches, guint32, middle);

    if (addr == self->selection.addr)
      return middle + 1;
    if (addr < self->selection.addr)
      from = middle + 1;
    else
      to = middle;
  }
  return 0;
}

static char *dup_count(SyFindBar *self)
{
  guint number = find_number(self);
  guint count = self->matches->len;

  if (count == 0)
    return g_strdup(_("not found"));
  if (self->more)
    return g_strdup_printf(_("more than %d matches"), SY_MATCHES_MAX);
  if (number > 0) /* Translators: the match at hand, of how many. */
    return g_strdup_printf(_("%u of %u"), number, count);
  return g_strdup_printf(ngettext("%u match", "%u matches", count), count);
}

static void update_label(SyFindBar *self)
{
  g_autofree char *text = self->pattern ? dup_count(self) : NULL;

  if (text)
    gtk_label_set_text(self->label, text);
}

void sy_find_bar_set_place(SyFindBar *self, guint32 cursor, const SyRange *selection)
{
  g_return_if_fail(SY_IS_FIND_BAR(self) && selection);

  self->cursor = cursor;
  self->selection = *selection;
  update_label(self);
}

static void show_match(SyFindBar *self, guint32 addr)
{
  g_signal_emit_by_name(self, "found", addr, (guint)g_bytes_get_size(self->pattern));
}

static void find_from(SyFindBar *self, guint64 from)
{
  guint32 found;

  if (self->pattern && self->image &&
      (sy_image_search_forward(self->image, self->pattern, from, &found) ||
       sy_image_search_forward(self->image, self->pattern, 0, &found)))
    show_match(self, found);
}

void sy_find_bar_next(SyFindBar *self)
{
  g_return_if_fail(SY_IS_FIND_BAR(self));

  find_from(self, self->selection.length > 0 ? (guint64)self->selection.addr + 1 : self->cursor);
}

void sy_find_bar_previous(SyFindBar *self)
{
  guint32 found;

  g_return_if_fail(SY_IS_FIND_BAR(self));

  guint32 before = self->selection.length > 0 ? self->selection.addr : self->cursor;

  if (self->pattern && self->image &&
      (sy_image_search_back(self->image, self->pattern, before, &found) ||
       sy_image_search_back(self->image, self->pattern, G_GUINT64_CONSTANT(1) << 32, &found)))
    show_match(self, found);
}

static void set_trouble(SyFindBar *self, const char *text)
{
  if (text)
    gtk_widget_add_css_class(GTK_WIDGET(self->entry), "error");
  else
    gtk_widget_remove_css_class(GTK_WIDGET(self->entry), "error");
  gtk_label_set_text(self->label, text ? text : "");
}

/* What has other letters than bytes are written with is a text. */
static gboolean is_plainly_text(const char *typed)
{
  for (; *typed; typed++)
    if (!g_ascii_isxdigit(*typed) && !strchr(" \t,xX", *typed))
      return TRUE;
  return FALSE;
}

static void read_pattern(SyFindBar *self)
{
  const char *typed = gtk_editable_get_text(GTK_EDITABLE(self->entry));
  gboolean is_text = gtk_drop_down_get_selected(self->kind_dropdown) == KIND_TEXT;
  g_autoptr(GError) error = NULL;

  g_clear_pointer(&self->pattern, g_bytes_unref);
  g_object_set(self->entry, "placeholder-text", is_text ? "Demo" : "18 F0 9F E5", NULL);
  if (typed[0] != '\0')
    self->pattern =
        is_text ? sy_pattern_from_text(typed, &error) : sy_pattern_parse_hex(typed, &error);
  set_trouble(self, error ? error->message : NULL);
}

/* From where the last match began, so that a pattern that grows does not run away. */
static void on_typed(SyFindBar *self)
{
  if (is_plainly_text(gtk_editable_get_text(GTK_EDITABLE(self->entry))) &&
      gtk_drop_down_get_selected(self->kind_dropdown) == KIND_BYTES) {
    gtk_drop_down_set_selected(self->kind_dropdown, KIND_TEXT); /* comes back here */
    return;
  }
  read_pattern(self);
  find_all(self);
  g_signal_emit_by_name(self, "pattern-changed");
  find_from(self, self->selection.length > 0 ? self->selection.addr : self->cursor);
  update_label(self);
}

static void close_bar(SyFindBar *self)
{
  gtk_revealer_set_reveal_child(self->revealer, FALSE);
  gtk_editable_set_text(GTK_EDITABLE(self->entry), "");
  on_typed(self); /* the entry tells by and by */
  g_signal_emit_by_name(self, "closed");
}

void sy_find_bar_close(SyFindBar *self)
{
  g_return_if_fail(SY_IS_FIND_BAR(self));
  close_bar(self);
}

gboolean sy_find_bar_is_open(SyFindBar *self)
{
  g_return_val_if_fail(SY_IS_FIND_BAR(self), FALSE);
  return gtk_revealer_get_reveal_child(self->revealer);
}

void sy_find_bar_open(SyFindBar *self)
{
  g_return_if_fail(SY_IS_FIND_BAR(self));

  gtk_revealer_set_reveal_child(self->revealer, TRUE);
  gtk_widget_grab_focus(GTK_WIDGET(self->entry));
}

void sy_find_bar_set_image(SyFindBar *self, SyImage *image)
{
  g_return_if_fail(SY_IS_FIND_BAR(self));

  if (image)
    sy_image_ref(image);
  g_clear_pointer(&self->image, sy_image_unref);
  self->image = image;
  find_all(self);
  g_signal_emit_by_name(self, "pattern-changed");
  update_label(self);
}

static void sy_find_bar_dispose(GObject *object)
{
  SyFindBar *self = SY_FIND_BAR(object);

  g_clear_pointer((GtkWidget **)&self->revealer, gtk_widget_unparent);
  g_clear_pointer(&self->image, sy_image_unref);
  g_clear_pointer(&self->pattern, g_bytes_unref);
  G_OBJECT_CLASS(sy_find_bar_parent_class)->dispose(object);
}

static void sy_find_bar_finalize(GObject *object)
{
  g_array_unref(SY_FIND_BAR(object)->matches);
  G_OBJECT_CLASS(sy_find_bar_parent_class)->finalize(object);
}

static void sy_find_bar_class_init(SyFindBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_find_bar_dispose;
  G_OBJECT_CLASS(klass)->finalize = sy_find_bar_finalize;
  g_signal_new("found", SY_TYPE_FIND_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
               G_TYPE_UINT, G_TYPE_UINT);
  g_signal_new("pattern-changed", SY_TYPE_FIND_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
               G_TYPE_NONE, 0);
  g_signal_new("closed", SY_TYPE_FIND_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-find-bar.ui");
  gtk_widget_class_bind_template_child(widget_class, SyFindBar, revealer);
  gtk_widget_class_bind_template_child(widget_class, SyFindBar, kind_dropdown);
  gtk_widget_class_bind_template_child(widget_class, SyFindBar, entry);
  gtk_widget_class_bind_template_child(widget_class, SyFindBar, label);
  gtk_widget_class_bind_template_callback(widget_class, on_typed);
  gtk_widget_class_bind_template_callback(widget_class, sy_find_bar_next);
  gtk_widget_class_bind_template_callback(widget_class, sy_find_bar_previous);
  gtk_widget_class_bind_template_callback(widget_class, close_bar);
}

static void sy_find_bar_init(SyFindBar *self)
{
  self->matches = g_array_new(FALSE, FALSE, sizeof(guint32));
  gtk_widget_init_template(GTK_WIDGET(self));
  read_pattern(self);
}
