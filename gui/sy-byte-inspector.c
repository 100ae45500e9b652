/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands at one address. */

#include "sy-config.h"

#include "sy-byte-inspector.h"

#include "sy-annotation.h"
#include "sy-byte-text.h"
#include "sy-digest.h"
#include "sy-wrap-box.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define NOTHING "—"

/* In the order they are shown. */
typedef enum {
  VALUE_8,
  VALUE_BINARY,
  VALUE_CHARACTER,
  VALUE_16,
  VALUE_32,
  VALUE_LINE,
  VALUE_SELECTION,
  VALUE_CRC,
  VALUE_SHA256,
  VALUE_COUNT,
} Value;

struct _SyByteInspector {
  GtkWidget parent_instance;

  GtkWidget *box; /* NULL once disposed */
  GtkLabel *place;
  GtkWidget *sign;
  GtkLabel *meaning;
  GtkWidget *target_button;
  GtkLabel *captions[VALUE_COUNT];
  GtkLabel *values[VALUE_COUNT];

  SyRelease *release;
  SyAnnotations *annotations;
  guint32 cursor_addr;
  guint32 target_addr;
  SyRange selection;

  /* One question of a kind is on its way at a time; another waits for its end. */
  guint line; /* that is shown or wanted; 0: none */
  gboolean line_asked;
  gboolean line_stale;
  GCancellable *digest_asked;
  gboolean digest_stale;
  gboolean was_busy;
};

G_DEFINE_FINAL_TYPE(SyByteInspector, sy_byte_inspector, GTK_TYPE_WIDGET)

enum { PROP_BUSY = 1, PROP_COUNT };
enum { GO_TO, SIGNAL_COUNT };

static GParamSpec *properties[PROP_COUNT];
static guint signals[SIGNAL_COUNT];

static void set_value(SyByteInspector *self, Value value, const char *text)
{
  if (!self->box)
    return;
  gtk_label_set_text(self->values[value], text ? text : NOTHING);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->values[value]),
                              text && value >= VALUE_LINE ? text : NULL);
}

gboolean sy_byte_inspector_is_busy(SyByteInspector *self)
{
  g_return_val_if_fail(SY_IS_BYTE_INSPECTOR(self), FALSE);

  return self->line_asked || self->digest_asked;
}

static void tell_busy(SyByteInspector *self)
{
  gboolean busy = sy_byte_inspector_is_busy(self);

  if (busy == self->was_busy)
    return;
  self->was_busy = busy;
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_BUSY]);
}

/* --- the line of the file --- */

typedef struct {
  SyImageFile *file;
  guint line;
} LineQuestion;

static void free_line_question(gpointer data)
{
  LineQuestion *question = data;

  sy_image_file_unref(question->file);
  g_free(question);
}

static void read_line(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LineQuestion *question = data;
  GError *error = NULL;
  char *text = sy_image_file_dup_line(question->file, question->line, &error);

  if (text)
    g_task_return_pointer(task, text, g_free);
  else
    g_task_return_error(task, error);
}

static void ask_line(SyByteInspector *self);

static void on_line(GObject *source, GAsyncResult *result, gpointer user_data)
{
  SyByteInspector *self = SY_BYTE_INSPECTOR(source);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_task_propagate_pointer(G_TASK(result), &error);

  self->line_asked = FALSE;
  if (self->line_stale)
    ask_line(self);
  else if (text)
    set_value(self, VALUE_LINE, text);
  else
    set_value(self, VALUE_LINE, error->message);
  tell_busy(self);
}

static void ask_line(SyByteInspector *self)
{
  SyImageFile *file = self->release ? sy_release_get_file(self->release) : NULL;
  g_autoptr(GTask) task = NULL;
  LineQuestion *question;

  self->line_stale = self->line_asked;
  if (self->line_asked || !file || self->line == 0)
    return;
  question = g_new0(LineQuestion, 1);
  question->file = sy_image_file_ref(file);
  question->line = self->line;
  task = g_task_new(self, NULL, on_line, NULL);
  g_task_set_task_data(task, question, free_line_question);
  self->line_asked = TRUE;
  g_task_run_in_thread(task, read_line);
}

static void update_line(SyByteInspector *self, gboolean anew)
{
  SyImageFile *file = self->release ? sy_release_get_file(self->release) : NULL;
  guint line =
      file ? sy_image_find_line(sy_release_get_image(self->release), self->cursor_addr) : 0;
  g_autofree char *caption = line > 0 ? g_strdup_printf(_("Line %u"), line) : g_strdup(_("Line"));

  gtk_label_set_text(self->captions[VALUE_LINE], caption);
  if (line == self->line && !anew)
    return;
  self->line = line;
  set_value(self, VALUE_LINE, line > 0 ? "…" : NULL);
  ask_line(self);
  tell_busy(self);
}

/* --- the selection --- */

typedef struct {
  SyImage *image;
  SyRange range;
} DigestQuestion;

static void free_digest_question(gpointer data)
{
  DigestQuestion *question = data;

  sy_image_unref(question->image);
  g_free(question);
}

static void compute_digest(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  DigestQuestion *question = data;
  g_autofree SyDigest *digest = g_new0(SyDigest, 1);

  if (sy_digest_image(question->image, &question->range, cancellable, digest))
    g_task_return_pointer(task, g_steal_pointer(&digest), g_free);
  else
    g_task_return_pointer(task, NULL, NULL);
}

static void ask_digest(SyByteInspector *self);

static void on_digest(GObject *source, GAsyncResult *result, gpointer user_data)
{
  SyByteInspector *self = SY_BYTE_INSPECTOR(source);
  g_autofree SyDigest *digest = g_task_propagate_pointer(G_TASK(result), NULL);

  g_clear_object(&self->digest_asked);
  if (self->digest_stale) {
    ask_digest(self);
  } else if (digest) {
    g_autofree char *crc = g_strdup_printf("0x%08X", digest->crc);

    set_value(self, VALUE_CRC, crc);
    set_value(self, VALUE_SHA256, digest->sha256);
  }
  tell_busy(self);
}

static guint64 count_selected(SyByteInspector *self)
{
  if (!self->release || self->selection.length == 0)
    return 0;
  return sy_image_count(sy_release_get_image(self->release), self->selection.addr,
                        self->selection.length, NULL);
}

static void ask_digest(SyByteInspector *self)
{
  g_autoptr(GTask) task = NULL;
  DigestQuestion *question;

  self->digest_stale = self->digest_asked != NULL;
  if (self->digest_asked) {
    g_cancellable_cancel(self->digest_asked);
    return;
  }
  if (!self->box || count_selected(self) == 0)
    return;
  question = g_new0(DigestQuestion, 1);
  question->image = sy_image_ref(sy_release_get_image(self->release));
  question->range = self->selection;
  self->digest_asked = g_cancellable_new();
  task = g_task_new(self, self->digest_asked, on_digest, NULL);
  g_task_set_check_cancellable(task, FALSE);
  g_task_set_task_data(task, question, free_digest_question);
  g_task_run_in_thread(task, compute_digest);
}

static void update_selection(SyByteInspector *self)
{
  guint64 count = count_selected(self);
  g_autofree char *text = NULL;

  if (self->release && self->selection.length > 0)
    text = sy_byte_dup_range(sy_release_get_image(self->release), &self->selection);
  set_value(self, VALUE_SELECTION, text ? text : _("nothing"));
  set_value(self, VALUE_CRC, count > 0 ? "…" : NULL);
  set_value(self, VALUE_SHA256, count > 0 ? "…" : NULL);
  ask_digest(self);
  tell_busy(self);
}

/* --- the bytes at the cursor --- */

static void update_bytes(SyByteInspector *self)
{
  SyImage *image = self->release ? sy_release_get_image(self->release) : NULL;
  guint32 addr = self->cursor_addr;
  g_autofree char *as_8 = image ? sy_byte_dup_number(image, addr, 1) : NULL;
  g_autofree char *as_16 = image ? sy_byte_dup_number(image, addr, 2) : NULL;
  g_autofree char *as_32 = image ? sy_byte_dup_number(image, addr, 4) : NULL;
  g_autofree char *binary = image ? sy_byte_dup_binary(image, addr) : NULL;
  g_autofree char *character = image ? sy_byte_dup_character(image, addr) : NULL;

  set_value(self, VALUE_8, as_8);
  set_value(self, VALUE_16, as_16);
  set_value(self, VALUE_32, as_32);
  set_value(self, VALUE_BINARY, binary);
  set_value(self, VALUE_CHARACTER, character);
}

static void update_sign(SyByteInspector *self, SySeverity severity)
{
  gboolean error = severity == SY_SEVERITY_ERROR;

  gtk_widget_set_visible(self->sign, severity != SY_SEVERITY_OK);
  gtk_image_set_from_icon_name(GTK_IMAGE(self->sign),
                               error ? "dialog-error-symbolic" : "dialog-warning-symbolic");
  gtk_widget_remove_css_class(self->sign, error ? "warning" : "error");
  gtk_widget_add_css_class(self->sign, error ? "error" : "warning");
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->sign), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 error ? _("failed") : _("warning"), -1);
}

static void update_meaning(SyByteInspector *self)
{
  const SyAnnotation *field = NULL;
  g_autofree char *place = NULL;
  g_autofree char *meaning = NULL;
  gboolean has_target;

  if (self->release) {
    gint index = sy_annotations_find(self->annotations, self->cursor_addr);
    g_auto(GStrv) pieces = sy_annotations_describe(self->annotations, self->cursor_addr);

    field = index >= 0 ? sy_annotations_get(self->annotations, (guint)index) : NULL;
    place = g_strdup_printf("0x%08X", self->cursor_addr);
    meaning = g_strjoinv(" · ", pieces);
  }
  gtk_label_set_text(self->place, place ? place : NOTHING);
  gtk_label_set_text(self->meaning, meaning ? meaning : "");
  update_sign(self, field ? field->severity : SY_SEVERITY_OK);
  has_target = field && field->has_target &&
               sy_image_find_segment(sy_release_get_image(self->release), field->target_addr);
  gtk_widget_set_visible(self->target_button, has_target);
  if (has_target) {
    g_autofree char *label = g_strdup_printf(_("Go to 0x%05X"), field->target_addr);

    self->target_addr = field->target_addr;
    gtk_button_set_label(GTK_BUTTON(self->target_button), label);
  }
}

static void update(SyByteInspector *self, gboolean anew)
{
  update_meaning(self);
  update_bytes(self);
  update_line(self, anew);
  if (anew)
    update_selection(self);
}

void sy_byte_inspector_set_release(SyByteInspector *self, SyRelease *release)
{
  SyImage *image;

  g_return_if_fail(SY_IS_BYTE_INSPECTOR(self));

  if (self->release == release)
    return;
  g_clear_pointer(&self->annotations, sy_annotations_unref);
  g_clear_pointer(&self->release, sy_release_unref);
  self->cursor_addr = 0;
  self->selection = (SyRange){0, 0};
  if (release) {
    self->release = sy_release_ref(release);
    self->annotations = sy_annotations_new(release);
    image = sy_release_get_image(release);
    if (sy_image_get_n_segments(image) > 0)
      self->cursor_addr = sy_image_get_segment(image, 0)->addr;
  }
  update(self, TRUE);
}

void sy_byte_inspector_set_cursor(SyByteInspector *self, guint32 addr)
{
  g_return_if_fail(SY_IS_BYTE_INSPECTOR(self));

  if (self->cursor_addr == addr || !self->release)
    return;
  self->cursor_addr = addr;
  update(self, FALSE);
}

void sy_byte_inspector_set_selection(SyByteInspector *self, const SyRange *selection)
{
  const guint64 end = G_GUINT64_CONSTANT(1) << 32;

  g_return_if_fail(SY_IS_BYTE_INSPECTOR(self) && selection);

  if (!self->release || (self->selection.length == selection->length &&
                         (selection->length == 0 || self->selection.addr == selection->addr)))
    return;
  self->selection = *selection;
  self->selection.length = MIN(selection->length, end - selection->addr);
  update_selection(self);
}

char *sy_byte_inspector_dup_text(SyByteInspector *self)
{
  GString *text;

  g_return_val_if_fail(SY_IS_BYTE_INSPECTOR(self), NULL);

  text = g_string_new(NULL);
  g_string_append_printf(text, "%s\n%s\n", gtk_label_get_text(self->place),
                         gtk_label_get_text(self->meaning));
  for (Value value = 0; value < VALUE_COUNT; value++)
    g_string_append_printf(text, "%s: %s\n", gtk_label_get_text(self->captions[value]),
                           gtk_label_get_text(self->values[value]));
  return g_string_free(text, FALSE);
}

/* --- copying --- */

static const struct {
  const char *name;
  const char *label;
  Value value;
} copies[] = {
    {"8", N_("8 Bit Value"), VALUE_8},    {"16", N_("16 Bit Value"), VALUE_16},
    {"32", N_("32 Bit Value"), VALUE_32}, {"line", N_("Line of the File"), VALUE_LINE},
    {"crc", N_("CRC-32"), VALUE_CRC},     {"sha256", N_("SHA-256"), VALUE_SHA256},
};

static char *dup_copy(SyByteInspector *self, const char *what)
{
  if (g_str_equal(what, "all"))
    return sy_byte_inspector_dup_text(self);
  if (g_str_equal(what, "address"))
    return g_strdup(gtk_label_get_text(self->place));
  if (g_str_equal(what, "meaning"))
    return g_strdup(gtk_label_get_text(self->meaning));
  for (guint n = 0; n < G_N_ELEMENTS(copies); n++)
    if (g_str_equal(what, copies[n].name))
      return g_strdup(gtk_label_get_text(self->values[copies[n].value]));
  return NULL;
}

static void activate_copy(GtkWidget *widget, const char *action, GVariant *parameter)
{
  GtkWidget *toasts = gtk_widget_get_ancestor(widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *text =
      dup_copy(SY_BYTE_INSPECTOR(widget), g_variant_get_string(parameter, NULL));
  AdwToast *toast;

  if (!text || g_str_equal(text, NOTHING) || g_str_equal(text, "…")) {
    gtk_widget_error_bell(widget);
    return;
  }
  gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
  if (!toasts)
    return;
  toast = adw_toast_new(_("Copied"));
  adw_toast_set_timeout(toast, 2);
  adw_toast_overlay_add_toast(ADW_TOAST_OVERLAY(toasts), toast);
}

static GtkWidget *create_copy_button(void)
{
  GtkWidget *button = gtk_menu_button_new();
  g_autoptr(GMenu) menu = g_menu_new();

  g_menu_append(menu, _("All as Text"), "inspector.copy::all");
  g_menu_append(menu, _("Address"), "inspector.copy::address");
  g_menu_append(menu, _("Meaning"), "inspector.copy::meaning");
  for (guint n = 0; n < G_N_ELEMENTS(copies); n++) {
    g_autofree char *action = g_strconcat("inspector.copy::", copies[n].name, NULL);

    g_menu_append(menu, _(copies[n].label), action);
  }
  gtk_menu_button_set_menu_model(GTK_MENU_BUTTON(button), G_MENU_MODEL(menu));
  gtk_menu_button_set_icon_name(GTK_MENU_BUTTON(button), "edit-copy-symbolic");
  gtk_menu_button_set_direction(GTK_MENU_BUTTON(button), GTK_ARROW_UP);
  gtk_widget_add_css_class(button, "flat");
  gtk_widget_set_tooltip_text(button, _("Copy"));
  gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 _("Copy a value"), -1);
  return button;
}

/* --- building --- */

static void on_target(SyByteInspector *self)
{
  g_signal_emit(self, signals[GO_TO], 0, self->target_addr);
}

/* Selected with the mouse; the keyboard copies by the menu, one stop instead of a dozen. */
static GtkLabel *create_label(const char *css_class)
{
  GtkWidget *label = gtk_label_new(NOTHING);

  gtk_label_set_selectable(GTK_LABEL(label), TRUE);
  gtk_widget_set_can_focus(label, FALSE);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_widget_add_css_class(label, css_class);
  return GTK_LABEL(label);
}

/* A caption and its value; `width` in characters, so that nothing moves while the cursor does. */
static void append_value(SyByteInspector *self, GtkWidget *line, Value value, const char *caption,
                         int width)
{
  GtkWidget *pair = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new(caption);
  gboolean cut = value == VALUE_LINE || value == VALUE_SHA256 || value == VALUE_SELECTION;

  self->captions[value] = GTK_LABEL(label);
  self->values[value] =
      create_label(value >= VALUE_LINE && value != VALUE_SELECTION ? "inspector-code" : "numeric");
  gtk_widget_add_css_class(label, "dim-label");
  if (cut)
    gtk_label_set_ellipsize(self->values[value],
                            value == VALUE_SHA256 ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars(self->values[value], cut ? -1 : width);
  gtk_box_append(GTK_BOX(pair), label);
  gtk_box_append(GTK_BOX(pair), GTK_WIDGET(self->values[value]));
  gtk_accessible_update_relation(GTK_ACCESSIBLE(self->values[value]),
                                 GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);
  sy_wrap_box_append(SY_WRAP_BOX(line), pair);
}

/* A line that wraps. */
static GtkWidget *append_line(SyByteInspector *self)
{
  GtkWidget *line = sy_wrap_box_new(18, 3);

  gtk_box_append(GTK_BOX(self->box), line);
  return line;
}

/* Beside each other where there is room for it, else what it means below the address. */
static void append_head(SyByteInspector *self)
{
  SyWrapBox *head = SY_WRAP_BOX(sy_wrap_box_new(9, 3));
  GtkWidget *meaning = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

  self->place = create_label("inspector-place");
  self->sign = gtk_image_new();
  gtk_widget_set_valign(self->sign, GTK_ALIGN_START);
  self->meaning = create_label("inspector-meaning");
  gtk_label_set_wrap(self->meaning, TRUE);
  gtk_label_set_wrap_mode(self->meaning, PANGO_WRAP_WORD_CHAR);
  self->target_button = gtk_button_new_with_label("");
  gtk_widget_set_visible(self->target_button, FALSE);
  g_signal_connect_swapped(self->target_button, "clicked", G_CALLBACK(on_target), self);
  sy_wrap_box_append(head, GTK_WIDGET(self->place));
  sy_wrap_box_append(head, create_copy_button());
  gtk_box_append(GTK_BOX(meaning), self->sign);
  gtk_box_append(GTK_BOX(meaning), GTK_WIDGET(self->meaning));
  sy_wrap_box_append(head, meaning);
  sy_wrap_box_append(head, self->target_button);
  gtk_box_append(GTK_BOX(self->box), GTK_WIDGET(head));
}

static void sy_byte_inspector_dispose(GObject *object)
{
  SyByteInspector *self = SY_BYTE_INSPECTOR(object);

  if (self->digest_asked)
    g_cancellable_cancel(self->digest_asked);
  g_clear_pointer(&self->annotations, sy_annotations_unref);
  g_clear_pointer(&self->release, sy_release_unref);
  g_clear_pointer(&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_byte_inspector_parent_class)->dispose(object);
}

static void sy_byte_inspector_get_property(GObject *object, guint id, GValue *value,
                                           GParamSpec *spec)
{
  if (id == PROP_BUSY)
    g_value_set_boolean(value, sy_byte_inspector_is_busy(SY_BYTE_INSPECTOR(object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

GtkWidget *sy_byte_inspector_new(void)
{
  return g_object_new(SY_TYPE_BYTE_INSPECTOR, NULL);
}

static void sy_byte_inspector_class_init(SyByteInspectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  object_class->dispose = sy_byte_inspector_dispose;
  object_class->get_property = sy_byte_inspector_get_property;
  properties[PROP_BUSY] =
      g_param_spec_boolean("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties(object_class, PROP_COUNT, properties);
  signals[GO_TO] = g_signal_new("go-to", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_install_action(widget_class, "inspector.copy", "s", activate_copy);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name(widget_class, "byteinspector");
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void sy_byte_inspector_init(SyByteInspector *self)
{
  GtkWidget *line;

  self->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
  gtk_widget_set_parent(self->box, GTK_WIDGET(self));
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 _("What is at the cursor"), -1);
  append_head(self);
  line = append_line(self);
  append_value(self, line, VALUE_8, _("8 bit"), 17);
  append_value(self, line, VALUE_BINARY, _("Binary"), 9);
  append_value(self, line, VALUE_CHARACTER, _("ASCII"), 3);
  append_value(self, line, VALUE_16, _("16 bit"), 23);
  append_value(self, line, VALUE_32, _("32 bit"), 35);
  append_value(self, append_line(self), VALUE_LINE, _("Line"), -1);
  line = append_line(self);
  append_value(self, line, VALUE_SELECTION, _("Selected"), -1);
  append_value(self, line, VALUE_CRC, _("CRC-32"), 10);
  append_value(self, line, VALUE_SHA256, _("SHA-256"), -1);
  update(self, TRUE);
}
