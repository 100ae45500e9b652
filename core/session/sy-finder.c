/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The search: who is asked, in which order, and what is told of it. sy-finder-probe.c asks. */

#include "sy-finder-private.h"

#include "sy-port-list.h"
#include "sy-text.h"

#include <glib/gi18n-lib.h>

struct _SyFinder {
  GObject parent_instance;

  SyLinkSettings link_settings;
  GHashTable *known; /* a port's name: its WireIdentity */
  GTask *task;       /* while it runs */
  GPtrArray *ports;  /* of SyFinderPort; each belongs to its probe while that runs */
  GPtrArray *probes; /* of SyProbe */
  guint waiting;
  gboolean trying_rates;
};

static guint progress_changed;

G_DEFINE_FINAL_TYPE(SyFinder, sy_finder, G_TYPE_OBJECT)

static void finder_port_free(gpointer data)
{
  SyFinderPort *port = data;

  g_free(port->port);
  g_free(port->stable_name);
  g_free(port->label);
  g_clear_pointer(&port->trouble, sy_trouble_unref);
  g_free(port);
}

gboolean sy_finder_port_is_usable(const SyFinderPort *port)
{
  return port->found && port->rate == WIRE_RATE_DEFAULT;
}

char *sy_finder_port_dup_text(const SyFinderPort *port)
{
  const SyTrouble *trouble = port->trouble;

  if (!port->found)
    return trouble->command ? g_strdup_printf("%s %s", trouble->text, trouble->command)
                            : g_strdup(trouble->text);
  if (!sy_finder_port_is_usable(port))
    return g_strdup_printf(
        /* Translators: rates. */
        _("A substation answers here, but at %u baud; Switchyard works with it at %u. If an "
          "upgrade was cut off just now, find it again in ten seconds. Else it needs a program "
          "that speaks at %u baud."),
        port->rate, (guint)WIRE_RATE_DEFAULT, (guint)WIRE_RATE_DEFAULT);
  return sy_identity_dup_sentence(&port->identity);
}

static void sy_finder_finalize(GObject *object)
{
  SyFinder *self = SY_FINDER(object);

  g_hash_table_unref(self->known);
  g_clear_pointer(&self->probes, g_ptr_array_unref);
  g_clear_pointer(&self->ports, g_ptr_array_unref);
  G_OBJECT_CLASS(sy_finder_parent_class)->finalize(object);
}

static void sy_finder_class_init(SyFinderClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_finder_finalize;
  progress_changed = g_signal_new("progress-changed", SY_TYPE_FINDER, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void sy_finder_init(SyFinder *self)
{
  self->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  self->ports = g_ptr_array_new_with_free_func(finder_port_free);
  self->probes = g_ptr_array_new_with_free_func((GDestroyNotify)sy_probe_free);
}

SyFinder *sy_finder_new(void)
{
  return g_object_new(SY_TYPE_FINDER, NULL);
}

void sy_finder_set_link_settings(SyFinder *self, const SyLinkSettings *settings)
{
  g_return_if_fail(SY_IS_FINDER(self) && !self->task);

  self->link_settings = *settings;
}

void sy_finder_know(SyFinder *self, const char *port, const WireIdentity *identity)
{
  g_return_if_fail(SY_IS_FINDER(self) && !self->task);

  g_hash_table_insert(self->known, g_strdup(port), g_memdup2(identity, sizeof *identity));
}

guint sy_finder_count_waiting(SyFinder *self)
{
  return self->waiting;
}

gboolean sy_finder_is_trying_rates(SyFinder *self)
{
  return self->trying_rates;
}

/* `listed` may be NULL. */
static void add_port(SyFinder *self, const char *name, SyPort *listed)
{
  SyFinderPort *port = g_new0(SyFinderPort, 1);
  const WireIdentity *known;

  port->port = g_strdup(name);
  port->stable_name = g_strdup(listed ? sy_port_get_stable_name(listed) : name);
  port->label = g_strdup(listed ? sy_port_get_label(listed) : name);
  g_ptr_array_add(self->ports, port);
  known = g_hash_table_lookup(self->known, port->port);
  if (!known)
    known = g_hash_table_lookup(self->known, port->stable_name);
  if (known) {
    port->found = TRUE;
    port->rate = WIRE_RATE_DEFAULT;
    port->identity = *known;
  } else {
    g_ptr_array_add(self->probes,
                    sy_probe_new(port, &self->link_settings, g_task_get_cancellable(self->task)));
  }
}

static void add_named_ports(SyFinder *self, SyPortList *list, const char *const *names)
{
  for (; *names; names++) {
    guint position = sy_port_list_find_stable(list, *names);
    g_autoptr(SyPort) listed =
        position == G_MAXUINT ? NULL : g_list_model_get_item(G_LIST_MODEL(list), position);

    add_port(self, *names, listed);
  }
}

static void add_listed_ports(SyFinder *self, SyPortList *list)
{
  guint count = g_list_model_get_n_items(G_LIST_MODEL(list));

  for (guint n = 0; n < count; n++) {
    g_autoptr(SyPort) port = g_list_model_get_item(G_LIST_MODEL(list), n);

    if (!sy_port_is_virtual(port))
      add_port(self, sy_port_get_name(port), port);
  }
}

static gboolean is_any_found(SyFinder *self)
{
  for (guint n = 0; n < self->ports->len; n++) {
    const SyFinderPort *port = g_ptr_array_index(self->ports, n);

    if (port->found)
      return TRUE;
  }
  return FALSE;
}

/* Ends what has nothing more to do at other rates. */
static void drop_idle_probes(SyFinder *self)
{
  gboolean over = is_any_found(self) || self->trying_rates ||
                  g_cancellable_is_cancelled(g_task_get_cancellable(self->task));

  for (guint n = self->probes->len; n-- > 0;)
    if (over || !sy_probe_may_try_rates(g_ptr_array_index(self->probes, n)))
      g_ptr_array_remove_index(self->probes, n);
}

static void run_probes(SyFinder *self);

static void end_round(SyFinder *self)
{
  g_autoptr(GTask) task = NULL;

  drop_idle_probes(self);
  if (self->probes->len > 0) {
    self->trying_rates = TRUE;
    run_probes(self);
    return;
  }
  task = g_steal_pointer(&self->task);
  g_task_return_pointer(task, g_steal_pointer(&self->ports), (GDestroyNotify)g_ptr_array_unref);
}

static gboolean on_probe_done(gpointer user_data)
{
  g_autoptr(SyFinder) self = g_object_ref(g_task_get_source_object(user_data));

  self->waiting--;
  g_signal_emit(self, progress_changed, 0);
  if (self->waiting == 0)
    end_round(self);
  return G_SOURCE_REMOVE;
}

typedef struct {
  GTask *task; /* referenced */
  SyProbe *probe;
  gboolean rates;
} Round;

static gpointer run_round(gpointer user_data)
{
  g_autofree Round *round = user_data;
  g_autoptr(GSource) source = g_idle_source_new();

  if (round->rates)
    sy_probe_try_rates(round->probe);
  else
    sy_probe_ask(round->probe);
  g_source_set_priority(source, G_PRIORITY_DEFAULT);
  g_source_set_callback(source, on_probe_done, round->task, g_object_unref);
  g_source_attach(source, g_task_get_context(round->task));
  return NULL;
}

static void run_probes(SyFinder *self)
{
  self->waiting = self->probes->len;
  g_signal_emit(self, progress_changed, 0);
  for (guint n = 0; n < self->probes->len; n++) {
    Round *round = g_new0(Round, 1);

    round->task = g_object_ref(self->task);
    round->probe = g_ptr_array_index(self->probes, n);
    round->rates = self->trying_rates;
    g_thread_unref(g_thread_new("switchyard-find", run_round, round));
  }
}

void sy_finder_find_async(SyFinder *self, const char *const *ports, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(SyPortList) list = NULL;

  g_return_if_fail(SY_IS_FINDER(self));
  g_return_if_fail(!self->task && self->ports);

  list = sy_port_list_new();
  self->task = g_task_new(self, cancellable, callback, user_data);
  g_task_set_source_tag(self->task, sy_finder_find_async);
  if (ports)
    add_named_ports(self, list, ports);
  else
    add_listed_ports(self, list);
  if (self->probes->len > 0)
    run_probes(self);
  else
    end_round(self);
}

GPtrArray *sy_finder_find_finish(SyFinder *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail(g_task_is_valid(result, self), NULL);

  return g_task_propagate_pointer(G_TASK(result), error);
}
