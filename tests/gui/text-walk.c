/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Untranslated and cut texts. */

#include "text-walk.h"

#include "sy-hex-line.h"

#include <adwaita.h>
#include <string.h>

/* Plain in every language, and why. */
static const char *const plain_words[] = {
    "0x[0-9A-Fa-f]+",                         /* addresses */
    "\\b[0-9A-F]{2}\\b",                      /* a byte */
    "\\b[0-9A-F]{8}\\b|\\b[0-9a-f]{64}\\b",   /* checksums */
    "\\b(CRC-32|SHA-256)\\b",                 /* and what they are called everywhere */
    "\\b(LOW|HIGH|LPC2114)\\b",               /* names of banks and the part */
    "\\b(DSS1|SWYH|Demo substation)\\b",      /* of the product, as the file has them */
    ":[0-9A-F]{11,}",                         /* a line of the file */
    "(?<=[0-9])\\W?(V|°C)(?!\\w)",            /* units of what is measured */
    "(?<!\\w)/[\\w/.-]+|[\\w.-]+\\.hex\\b",   /* paths and files */
    "\\b(virtual|tty\\w+)\\b",                /* ports as they are typed */
    "\\bRFC 2217\\b|(?<=::1)%e",              /* a standard; a part of an address, as a format */
    "Error opening file.*directory",          /* GLib's own */
    "\\b(Ctrl|Shift|Alt|F\\d+)\\b(\\+\\w+)*", /* keys, which GTK names */
};

/* GTK's and Adwaita's, which are translated in their own catalogues. */
static const char *const toolkit_texts[] = {
    "(None)",
    "Apply",
    "Clear entry",
    "No Results Found",
    "Search…",
    "Search Results",
    "Search Shortcuts",
    "Shortcuts",
    "Show All",
    "_Show All",
    "Try a different search",
    NULL,
};

/* Whose texts are none of ours: the toolkit's parts, and a file's bytes as text. */
static gboolean is_passed_over(GtkWidget *widget)
{
  for (GtkWidget *at = widget; at; at = gtk_widget_get_parent(at)) {
    const char *type = G_OBJECT_TYPE_NAME(at);

    if (g_str_equal(type, "GtkShortcutLabel") || g_str_equal(type, "GtkWindowControls") ||
        g_str_equal(type, "GtkEmojiChooser") || SY_IS_HEX_LINE(at))
      return TRUE;
  }
  return FALSE;
}

gboolean text_walk_is_translated(const char *text)
{
  static GRegex *names;
  g_autofree char *rest = NULL;

  if (!names) {
    g_autoptr(GString) pattern = g_string_new(plain_words[0]);

    for (guint n = 1; n < G_N_ELEMENTS(plain_words); n++)
      g_string_append_printf(pattern, "|%s", plain_words[n]);
    names = g_regex_new(pattern->str, 0, 0, NULL);
  }
  rest = g_regex_replace_literal(names, text, -1, 0, "", 0, NULL);
  return !rest ||
         strcspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == strlen(rest);
}

/* Where a person would find it in the source: names of the templates' children, outermost first. */
static char *dup_path(GtkWidget *widget)
{
  GString *path = g_string_new(G_OBJECT_TYPE_NAME(widget));

  for (GtkWidget *at = widget; at; at = gtk_widget_get_parent(at)) {
    const char *name = gtk_buildable_get_buildable_id(GTK_BUILDABLE(at));
    const char *type = G_OBJECT_TYPE_NAME(at);

    if (name && *name && !g_str_has_prefix(name, "___"))
      g_string_prepend(path, "/");
    if (name && *name && !g_str_has_prefix(name, "___"))
      g_string_prepend(path, name);
    else if (at != widget && g_str_has_prefix(type, "Sy")) {
      g_string_prepend(path, "/");
      g_string_prepend(path, type);
    }
  }
  return g_string_free(path, FALSE);
}

static void add_fault(TextFaults *faults, GtkWidget *widget, const char *scene, const char *what,
                      const char *text)
{
  g_autofree char *path = dup_path(widget);
  g_autofree char *fault = g_strdup_printf("%s of %s: “%s”", what, path, text);

  if (!strstr(faults->str, fault))
    g_string_append_printf(faults, "[%s] %s\n", scene, fault);
}

static void check_plain(TextFaults *faults, GtkWidget *widget, const char *scene, const char *what,
                        const char *text)
{
  if (text && !g_strv_contains(toolkit_texts, text) && !text_walk_is_translated(text))
    add_fault(faults, widget, scene, what, text);
}

/* GTK tells an accessible's text only as the answer to a wrong guess. */
static void check_accessible(TextFaults *faults, GtkWidget *widget, const char *scene)
{
  static const GtkAccessibleProperty properties[] = {
      GTK_ACCESSIBLE_PROPERTY_LABEL, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, GTK_ACCESSIBLE_PROPERTY_PLACEHOLDER};

  for (guint n = 0; n < G_N_ELEMENTS(properties); n++) {
    g_autofree char *text = NULL;

    if (!gtk_test_accessible_has_property(GTK_ACCESSIBLE(widget), properties[n]))
      continue;
    text = gtk_test_accessible_check_property(GTK_ACCESSIBLE(widget), properties[n], "?");
    if (GTK_IS_LABEL(widget) && g_strcmp0(text, gtk_label_get_text(GTK_LABEL(widget))) == 0)
      continue;
    check_plain(faults, widget, scene, "accessible text", text);
  }
}

static void check_widget(TextFaults *faults, GtkWidget *widget, const char *scene)
{
  if (GTK_IS_LABEL(widget))
    check_plain(faults, widget, scene, "label", gtk_label_get_text(GTK_LABEL(widget)));
  if (GTK_IS_WINDOW(widget))
    check_plain(faults, widget, scene, "title", gtk_window_get_title(GTK_WINDOW(widget)));
  if (GTK_IS_TEXT(widget))
    check_plain(faults, widget, scene, "placeholder",
                gtk_text_get_placeholder_text(GTK_TEXT(widget)));
  check_plain(faults, widget, scene, "tooltip", gtk_widget_get_tooltip_text(widget));
  check_accessible(faults, widget, scene);
}

static void find_plain(TextFaults *faults, GtkWidget *widget, const char *scene)
{
  if (is_passed_over(widget))
    return;
  check_widget(faults, widget, scene);
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    find_plain(faults, child, scene);
}

void text_walk_find_plain(TextFaults *faults, const char *scene)
{
  GListModel *windows = gtk_window_get_toplevels();

  for (guint n = 0; n < g_list_model_get_n_items(windows); n++) {
    g_autoptr(GtkWidget) window = g_list_model_get_item(windows, n);

    find_plain(faults, window, scene);
  }
}

/* ---- What is cut ---- */

/* A header bar shortens the window's title, which names a file, before its buttons: the window
 * manager has the whole. A dialog's is ours: translators find a short one. An entry shortens the
 * example in it: its name has room elsewhere. Five tabs stand side by side in a narrow window:
 * translators find short words for them, the language that is made cannot. */
static gboolean may_be_shortened(GtkWidget *label)
{
  gboolean title =
      gtk_widget_has_css_class(label, "title") || gtk_widget_has_css_class(label, "subtitle");
  gboolean made = g_str_has_prefix(gtk_label_get_text(GTK_LABEL(label)), "⟦");
  gboolean made_tab = made && gtk_widget_get_ancestor(label, ADW_TYPE_VIEW_SWITCHER_BAR);
  gboolean dialog = gtk_window_get_transient_for(GTK_WINDOW(gtk_widget_get_root(label))) != NULL;

  return made_tab || GTK_IS_TEXT(gtk_widget_get_parent(label)) ||
         (title && (made || !dialog) && gtk_widget_get_ancestor(label, ADW_TYPE_HEADER_BAR));
}

/* Whether a person can read the whole by pointing at it. */
static gboolean is_told_by_tooltip(GtkWidget *label)
{
  const char *text = gtk_label_get_text(GTK_LABEL(label));

  for (GtkWidget *at = label; at; at = gtk_widget_get_parent(at)) {
    const char *tooltip = gtk_widget_get_tooltip_text(at);

    if (tooltip && strstr(tooltip, text))
      return TRUE;
  }
  return FALSE;
}

static gboolean scrolls_sideways(GtkWidget *widget)
{
  GtkWidget *scroller = gtk_widget_get_ancestor(widget, GTK_TYPE_SCROLLED_WINDOW);
  GtkPolicyType policy = GTK_POLICY_NEVER;

  if (scroller)
    gtk_scrolled_window_get_policy(GTK_SCROLLED_WINDOW(scroller), &policy, NULL);
  return policy != GTK_POLICY_NEVER;
}

static void check_cut(TextFaults *faults, GtkWidget *widget, GtkWidget *window, const char *scene)
{
  GtkLabel *label = GTK_LABEL(widget);
  PangoLayout *layout = gtk_label_get_layout(label);
  const char *text = gtk_label_get_text(label);
  graphene_rect_t bounds;
  int width, height;

  if (!*text)
    return;
  pango_layout_get_pixel_size(layout, &width, &height);
  if (pango_layout_is_ellipsized(layout) && !may_be_shortened(widget) &&
      !is_told_by_tooltip(widget))
    add_fault(faults, widget, scene, "ellipsis", text);
  if (width > gtk_widget_get_width(widget) + 1 || height > gtk_widget_get_height(widget) + 1)
    add_fault(faults, widget, scene, "no room", text);
  if (gtk_widget_compute_bounds(widget, window, &bounds) && !scrolls_sideways(widget) &&
      (bounds.origin.x < -1 ||
       bounds.origin.x + bounds.size.width > gtk_widget_get_width(window) + 1))
    add_fault(faults, widget, scene, "outside the window", text);
}

static void find_cut(TextFaults *faults, GtkWidget *widget, GtkWidget *window, const char *scene)
{
  if (!gtk_widget_get_mapped(widget) || is_passed_over(widget))
    return;
  if (GTK_IS_LABEL(widget))
    check_cut(faults, widget, window, scene);
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    if (!GTK_IS_NATIVE(child))
      find_cut(faults, child, window, scene);
}

static int measure_width(GtkWidget *widget)
{
  int width = 0;

  if (gtk_widget_should_layout(widget))
    gtk_widget_measure(widget, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  return width;
}

/* The innermost widget that needs more than `width` by itself. */
static GtkWidget *find_widest(GtkWidget *widget, int width)
{
  GtkWidget *widest = NULL;

  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    if (!GTK_IS_NATIVE(child) && (!widest || measure_width(child) > measure_width(widest)))
      widest = child;
  return widest && measure_width(widest) > width ? find_widest(widest, width) : widget;
}

void text_walk_find_cut(GtkWidget *window, int width, TextFaults *faults, const char *scene)
{
  /* Adwaita's own dialogs have a width of their own. */
  if (!ADW_IS_MESSAGE_DIALOG(window) && gtk_widget_get_width(window) > width) {
    g_autofree char *wide = g_strdup_printf("%d px", gtk_widget_get_width(window));

    add_fault(faults, find_widest(window, width), scene, "too wide, the window gets", wide);
  }
  find_cut(faults, window, window, scene);
}

/* ---- Two of the same key ---- */

/* An AdwEntryRow has its title twice, in the text's place and above it: the key is of the row. */
static GtkWidget *get_owner(GtkWidget *label)
{
  GtkWidget *row = gtk_widget_get_ancestor(label, ADW_TYPE_ENTRY_ROW);

  return row ? row : label;
}

/* `keys`: from each key to whose it is. */
static void find_clashes(GtkWidget *widget, gboolean menu, GHashTable *keys, TextFaults *faults,
                         const char *scene)
{
  guint key = GTK_IS_LABEL(widget) ? gtk_label_get_mnemonic_keyval(GTK_LABEL(widget)) : 0;

  if (menu ? !gtk_widget_get_visible(widget) : !gtk_widget_get_mapped(widget))
    return;
  if (key != 0 && key != GDK_KEY_VoidSymbol) {
    gpointer lower = GUINT_TO_POINTER(gdk_keyval_to_lower(key));
    GtkWidget *owner = g_hash_table_lookup(keys, lower);

    if (owner && owner != get_owner(widget))
      add_fault(faults, widget, scene, "access key again", gtk_label_get_label(GTK_LABEL(widget)));
    g_hash_table_insert(keys, lower, get_owner(widget));
  }
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    if (GTK_IS_POPOVER_MENU(child)) {
      g_autoptr(GHashTable) own = g_hash_table_new(NULL, NULL);

      find_clashes(child, TRUE, own, faults, scene);
    } else if (!GTK_IS_NATIVE(child)) {
      find_clashes(child, menu, keys, faults, scene);
    }
}

void text_walk_find_clashes(GtkWidget *window, TextFaults *faults, const char *scene)
{
  g_autoptr(GHashTable) keys = g_hash_table_new(NULL, NULL);

  find_clashes(window, FALSE, keys, faults, scene);
}
