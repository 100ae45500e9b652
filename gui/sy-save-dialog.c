/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What of a file is to be saved, and as what. */

#include "sy-config.h"

#include "sy-save-dialog.h"

#include "sy-format.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  gboolean split;
  SySplit kind;
  SyRange range;
  char *name; /* that is put behind the file's; NULL: none */
} Offer;

struct _SySaveDialog {
  AdwWindow parent_instance;

  AdwComboRow *what_row;
  AdwComboRow *format_row;
  AdwActionRow *fill_row;
  GtkSwitch *fill_switch;
  AdwEntryRow *byte_row;
  GtkLabel *note_label;
  GtkButton *save_button;

  SyRelease *release;
  GArray *offers; /* of Offer, as in what_row */
};

G_DEFINE_FINAL_TYPE(SySaveDialog, sy_save_dialog, ADW_TYPE_WINDOW)

static const SyFormat formats[] = {SY_FORMAT_HEX, SY_FORMAT_SREC, SY_FORMAT_BINARY};

void sy_save_choice_free(SySaveChoice *choice)
{
  if (!choice)
    return;
  g_free(choice->stem);
  g_free(choice);
}

const char *sy_save_get_extension(SyFormat format)
{
  switch (format) {
  case SY_FORMAT_SREC:
    return "s19";
  case SY_FORMAT_BINARY:
    return "bin";
  case SY_FORMAT_AUTO:
  case SY_FORMAT_HEX:
  default:
    return "hex";
  }
}

static SyImage *get_image(SySaveDialog *self)
{
  return sy_release_get_image(self->release);
}

static const Offer *get_offer(SySaveDialog *self)
{
  guint index = adw_combo_row_get_selected(self->what_row);

  return index < self->offers->len ? &g_array_index(self->offers, Offer, index) : NULL;
}

static SyFormat get_format(SySaveDialog *self)
{
  guint index = adw_combo_row_get_selected(self->format_row);

  return index < G_N_ELEMENTS(formats) ? formats[index] : SY_FORMAT_HEX;
}

/* Two digits, or one. */
static gboolean read_byte(SySaveDialog *self, guint8 *byte)
{
  const char *text = gtk_editable_get_text(GTK_EDITABLE(self->byte_row));
  gsize length = strlen(text);

  if (length < 1 || length > 2)
    return FALSE;
  *byte = 0;
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isxdigit(text[i]))
      return FALSE;
    *byte = (guint8)(*byte << 4 | g_ascii_xdigit_value(text[i]));
  }
  return TRUE;
}

static char *dup_split_note(SySaveDialog *self, const Offer *offer, gboolean *possible)
{
  g_autoptr(GArray) parts = sy_image_split(get_image(self), offer->kind);
  guint64 inside = 0;

  for (guint i = 0; i < parts->len; i++) {
    const SyRange *range = &g_array_index(parts, SyPart, i).range;

    inside += sy_image_count(get_image(self), range->addr, range->length, NULL);
  }
  *possible = parts->len > 0 && parts->len <= SY_PARTS_MAX;
  if (parts->len > SY_PARTS_MAX)
    return g_strdup_printf(_("There are more than %d segments: too many files."), SY_PARTS_MAX);
  if (inside < sy_image_get_size(get_image(self))) {
    g_autofree char *rest = sy_format_size(sy_image_get_size(get_image(self)) - inside);

    return g_strdup_printf(ngettext("%u file. %s lie outside and are in none.",
                                    "%u files. %s lie outside and are in none.", parts->len),
                           parts->len, rest);
  }
  return g_strdup_printf(ngettext("%u file.", "%u files.", parts->len), parts->len);
}

static char *dup_note(SySaveDialog *self, const Offer *offer, gboolean *possible)
{
  SyRange extent = {0, 0};

  *possible = sy_image_find_extent(get_image(self), &offer->range, &extent);

  guint64 count = sy_image_count(get_image(self), extent.addr, extent.length, NULL);
  g_autofree char *size = sy_format_size(count);
  g_autofree char *gaps = sy_format_size(extent.length - count);
  gboolean binary = get_format(self) == SY_FORMAT_BINARY;
  gboolean filled = binary || gtk_switch_get_active(self->fill_switch);

  if (binary && extent.length > SY_SAVE_BINARY_MAX) {
    *possible = FALSE;
    return g_strdup_printf(_("Raw bytes have no addresses, so %s of gaps would have to be filled: "
                             "too much. Save one segment, or another format."),
                           gaps);
  }
  if (extent.length == count)
    return g_strdup(size);
  if (filled)
    return g_strdup_printf(_("%s, and %s of gaps, which are filled."), size, gaps);
  return g_strdup_printf(_("%s; gaps stay gaps."), size);
}

static void update(SySaveDialog *self)
{
  const Offer *offer = self->offers ? get_offer(self) : NULL;
  gboolean binary = get_format(self) == SY_FORMAT_BINARY;
  gboolean fills = binary || gtk_switch_get_active(self->fill_switch);
  gboolean possible = FALSE;
  guint8 byte;

  if (!offer)
    return;

  g_autofree char *note =
      offer->split ? dup_split_note(self, offer, &possible) : dup_note(self, offer, &possible);

  /* Raw bytes can't leave a gap. */
  gtk_widget_set_sensitive(GTK_WIDGET(self->fill_row), !binary);
  gtk_widget_set_sensitive(GTK_WIDGET(self->byte_row), fills);
  if (fills && !read_byte(self, &byte)) {
    gtk_widget_add_css_class(GTK_WIDGET(self->byte_row), "error");
    gtk_label_set_text(self->note_label, _("Write the byte as two digits, 00 to FF."));
    gtk_widget_set_sensitive(GTK_WIDGET(self->save_button), FALSE);
    return;
  }
  gtk_widget_remove_css_class(GTK_WIDGET(self->byte_row), "error");
  gtk_label_set_text(self->note_label, note);
  gtk_widget_set_sensitive(GTK_WIDGET(self->save_button), possible);
}

static void on_save(SySaveDialog *self)
{
  g_object_ref(self);
  g_signal_emit_by_name(self, "chosen");
  gtk_window_close(GTK_WINDOW(self));
  g_object_unref(self);
}

/* The file's name without its extension. */
static char *dup_stem(SyRelease *release)
{
  const char *name = sy_release_get_name(release);
  const char *dot = name ? strrchr(name, '.') : NULL;

  if (!name)
    /* Translators: a file's name, when what is saved came from none. */
    return g_strdup(_("bytes"));
  return dot && dot > name ? g_strndup(name, (gsize)(dot - name)) : g_strdup(name);
}

SySaveChoice *sy_save_dialog_dup_choice(SySaveDialog *self)
{
  g_return_val_if_fail(SY_IS_SAVE_DIALOG(self), NULL);

  const Offer *offer = get_offer(self);
  SySaveChoice *choice = g_new0(SySaveChoice, 1);
  g_autofree char *stem = dup_stem(self->release);

  choice->split = offer->split;
  choice->kind = offer->kind;
  choice->range = offer->range;
  choice->stem = offer->name ? g_strconcat(stem, "-", offer->name, NULL) : g_strdup(stem);
  choice->options.format = get_format(self);
  choice->fill_gaps =
      choice->options.format != SY_FORMAT_BINARY && gtk_switch_get_active(self->fill_switch);
  if (!read_byte(self, &choice->options.fill))
    choice->options.fill = 0xff;
  return choice;
}

static void clear_offer(gpointer offer)
{
  g_clear_pointer(&((Offer *)offer)->name, g_free);
}

/* Takes over the label. */
static void add_offer(SySaveDialog *self, GtkStringList *labels, char *label, const SyRange *range,
                      const char *name)
{
  Offer offer = {.range = *range, .name = g_strdup(name)};

  gtk_string_list_take(labels, label);
  g_array_append_val(self->offers, offer);
}

static void add_split(SySaveDialog *self, GtkStringList *labels, const char *label, SySplit kind)
{
  Offer offer = {.split = TRUE, .kind = kind};
  g_autoptr(GArray) parts = sy_image_split(get_image(self), kind);

  if (parts->len < 2)
    return;
  gtk_string_list_append(labels, label);
  g_array_append_val(self->offers, offer);
}

static void add_banks(SySaveDialog *self, GtkStringList *labels)
{
  g_autoptr(GArray) banks = sy_image_split(get_image(self), SY_SPLIT_BANKS);

  for (guint i = 0; i < banks->len; i++) {
    const SyPart *bank = &g_array_index(banks, SyPart, i);

    add_offer(self, labels, g_ascii_strup(bank->name, -1), &bank->range, bank->name);
  }
}

static void add_segment(SySaveDialog *self, GtkStringList *labels, guint32 cursor)
{
  const SySegment *segment = sy_image_find_segment(get_image(self), cursor);
  SyRange range;

  if (!segment || sy_image_get_n_segments(get_image(self)) < 2)
    return;
  range = (SyRange){segment->addr, segment->length};

  g_autofree char *where = sy_format_range(segment->addr, segment->length);
  g_autofree char *name = g_strdup_printf("segment-0x%08x", segment->addr);

  /* Translators: of a file; where it lies. */
  add_offer(self, labels, g_strdup_printf(_("Segment %s"), where), &range, name);
}

static void fill_offers(SySaveDialog *self, const SyRange *selection, guint32 cursor)
{
  g_autoptr(GtkStringList) labels = gtk_string_list_new(NULL);
  const SyRange all = {0, G_GUINT64_CONSTANT(1) << 32};
  gboolean selected = selection && selection->length > 0;
  guint chosen = 0;

  add_offer(self, labels, g_strdup(_("Everything")), &all, "copy");
  add_banks(self, labels);
  add_segment(self, labels, cursor);
  if (selected) {
    g_autofree char *size = sy_format_size(selection->length);

    chosen = self->offers->len;
    add_offer(self, labels, g_strdup_printf(_("Selection (%s)"), size), selection, "selection");
  }
  add_split(self, labels, _("Each bank to a file of its own"), SY_SPLIT_BANKS);
  add_split(self, labels, _("Each segment to a file of its own"), SY_SPLIT_SEGMENTS);
  adw_combo_row_set_model(self->what_row, G_LIST_MODEL(labels));
  adw_combo_row_set_selected(self->what_row, chosen);
}

static void fill_formats(SySaveDialog *self)
{
  g_autoptr(GtkStringList) labels = gtk_string_list_new(NULL);

  gtk_string_list_append(labels, _("Intel HEX (.hex)"));
  gtk_string_list_append(labels, _("Motorola S-records (.s19)"));
  gtk_string_list_append(labels, _("Raw bytes (.bin)"));
  adw_combo_row_set_model(self->format_row, G_LIST_MODEL(labels));
}

SySaveDialog *sy_save_dialog_new(GtkWindow *parent, SyRelease *release, const SyRange *selection,
                                 guint32 cursor)
{
  g_return_val_if_fail(release, NULL);

  SySaveDialog *self =
      g_object_new(SY_TYPE_SAVE_DIALOG, "transient-for", parent, "destroy-with-parent", TRUE, NULL);

  self->release = sy_release_ref(release);
  self->offers = g_array_new(FALSE, FALSE, sizeof(Offer));
  g_array_set_clear_func(self->offers, clear_offer);
  fill_offers(self, selection, cursor);
  fill_formats(self);
  update(self);
  return self;
}

static void sy_save_dialog_finalize(GObject *object)
{
  SySaveDialog *self = SY_SAVE_DIALOG(object);

  g_clear_pointer(&self->release, sy_release_unref);
  g_clear_pointer(&self->offers, g_array_unref);
  G_OBJECT_CLASS(sy_save_dialog_parent_class)->finalize(object);
}

static void sy_save_dialog_class_init(SySaveDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->finalize = sy_save_dialog_finalize;
  g_signal_new("chosen", SY_TYPE_SAVE_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
               0);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-save-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SySaveDialog, name)
  BIND(what_row);
  BIND(format_row);
  BIND(fill_row);
  BIND(fill_switch);
  BIND(byte_row);
  BIND(note_label);
  BIND(save_button);
#undef BIND
  gtk_widget_class_bind_template_callback(widget_class, update);
  gtk_widget_class_bind_template_callback(widget_class, on_save);
}

static void sy_save_dialog_init(SySaveDialog *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
