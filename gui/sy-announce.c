/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Announcements to screen readers. */

#include "sy-config.h"

#include "sy-announce.h"

enum { POLITE_GAP_MS = 1000 };

/* Of a window. */
typedef struct {
  GtkWindow *window; /* which owns this */
  char *waiting;     /* NULL when nothing does */
  guint source;      /* not 0 while the last polite one may still be spoken */
} Speaker;

#if GTK_CHECK_VERSION(4, 14, 0)

static void speak(Speaker *speaker, const char *text, SyUrgency urgency)
{
  /* Newer than what the rest of the program may use. */
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  gtk_accessible_announce(GTK_ACCESSIBLE(speaker->window), text,
                          urgency == SY_URGENCY_ASSERTIVE
                              ? GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH
                              : GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  G_GNUC_END_IGNORE_DEPRECATIONS
}

static void watch_window(GtkWindow *window)
{
}

#else

static void name_window(GtkWindow *window, const char *name)
{
  gtk_accessible_update_property(GTK_ACCESSIBLE(window), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void speak(Speaker *speaker, const char *text, SyUrgency urgency)
{
  name_window(speaker->window, text);
}

/* The name of a window that nobody is in is not spoken: the time to give it its own again. */
static void on_active(GtkWindow *window)
{
  const char *title = gtk_window_get_title(window);

  if (!gtk_window_is_active(window))
    name_window(window, title ? title : "");
}

static void watch_window(GtkWindow *window)
{
  g_signal_connect(window, "notify::is-active", G_CALLBACK(on_active), NULL);
}

#endif

static void speaker_free(gpointer data)
{
  Speaker *speaker = data;

  g_clear_handle_id(&speaker->source, g_source_remove);
  g_free(speaker->waiting);
  g_free(speaker);
}

static Speaker *get_speaker(GtkWidget *widget)
{
  static const char key[] = "sy-announce";
  GtkRoot *root = gtk_widget_get_root(widget);
  Speaker *speaker;

  if (!GTK_IS_WINDOW(root))
    return NULL;
  speaker = g_object_get_data(G_OBJECT(root), key);
  if (!speaker) {
    speaker = g_new0(Speaker, 1);
    speaker->window = GTK_WINDOW(root);
    g_object_set_data_full(G_OBJECT(root), key, speaker, speaker_free);
    watch_window(speaker->window);
  }
  return speaker;
}

static gboolean on_gap_over(gpointer user_data)
{
  Speaker *speaker = user_data;
  g_autofree char *text = g_steal_pointer(&speaker->waiting);

  if (text) {
    speak(speaker, text, SY_URGENCY_POLITE);
    return G_SOURCE_CONTINUE;
  }
  speaker->source = 0;
  return G_SOURCE_REMOVE;
}

void sy_announce(GtkWidget *widget, const char *text, SyUrgency urgency)
{
  Speaker *speaker;

  g_return_if_fail(GTK_IS_WIDGET(widget));
  g_return_if_fail(text);

  speaker = get_speaker(widget);
  if (!speaker || text[0] == '\0')
    return;
  g_clear_pointer(&speaker->waiting, g_free);
  if (urgency == SY_URGENCY_POLITE && speaker->source) {
    speaker->waiting = g_strdup(text);
    return;
  }
  speak(speaker, text, urgency);
  g_clear_handle_id(&speaker->source, g_source_remove);
  speaker->source = g_timeout_add(POLITE_GAP_MS, on_gap_over, speaker);
}

static void on_label(GtkLabel *label)
{
  sy_announce(GTK_WIDGET(label), gtk_label_get_text(label), SY_URGENCY_POLITE);
}

void sy_announce_label(GtkLabel *label)
{
  g_return_if_fail(GTK_IS_LABEL(label));

  g_signal_connect(label, "notify::label", G_CALLBACK(on_label), NULL);
}
