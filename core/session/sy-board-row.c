/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One substation of a board: its job from start to end. */

#include "sy-board-private.h"

#include "sy-link.h"

struct _SyBoardRow {
  GObject parent_instance;

  char *title;
  SyStation *station;
  SyBoardState state;
  char *running;        /* NULL: not known */
  char *sentence;       /* NULL: nothing to say yet */
  SyPhase phase;        /* that the sentence tells */
  GCancellable *asking; /* of the question who is there; NULL: it is not asked */

  SyRelease *release; /* of the job that waits, runs or ran */
  gboolean dry;
  GCancellable *cancellable; /* of what runs */
  guint attempts;
  gboolean ended;    /* the result stands */
  gboolean in_doubt; /* what an attempt has left is not known yet */
  SyResult result;
  SyTrouble *trouble;

  SyBoardRowFunc changed;
  gpointer changed_data;
};

enum {
  PROP_0,
  PROP_TITLE,
  PROP_STATION,
  PROP_STATE,
  PROP_PROGRESS,
  PROP_RUNNING,
  PROP_SENTENCE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE(SyBoardRow, sy_board_row, G_TYPE_OBJECT)

/* ---- What a row says ---- */

static void notify(SyBoardRow *self, guint property)
{
  g_object_notify_by_pspec(G_OBJECT(self), properties[property]);
}

/* Takes `sentence`. */
static void take_sentence(SyBoardRow *self, char *sentence)
{
  gboolean same = g_strcmp0(self->sentence, sentence) == 0;

  g_free(self->sentence);
  self->sentence = sentence;
  if (!same)
    notify(self, PROP_SENTENCE);
}

static void set_state(SyBoardRow *self, SyBoardState state)
{
  if (self->state == state)
    return;
  self->state = state;
  notify(self, PROP_STATE);
  if (self->changed)
    self->changed(self, self->changed_data);
}

static void on_identity(SyBoardRow *self)
{
  const WireIdentity *identity = sy_station_get_identity(self->station);
  char *running = identity ? sy_identity_dup_running_text(identity) : NULL;
  gboolean same = g_strcmp0(self->running, running) == 0;

  g_free(self->running);
  self->running = running;
  if (!same)
    notify(self, PROP_RUNNING);
}

static void on_progress(SyBoardRow *self)
{
  const SyProgress *progress = sy_station_get_progress(self->station);

  if (self->state != SY_BOARD_RUNNING)
    return;
  notify(self, PROP_PROGRESS);
  if (progress->phase == self->phase)
    return;
  self->phase = progress->phase;
  if (self->phase != SY_PHASE_FINISHED)
    take_sentence(self, sy_progress_dup_phase_text(progress));
}

/* ---- How a job ends ---- */

static SyBoardState judge(const SyResult *result)
{
  if (result->outcome == SY_OUTCOME_DONE)
    return SY_BOARD_PASSED;
  if (result->reason == SY_REASON_CANCELLED)
    return SY_BOARD_CANCELLED;
  return result->outcome == SY_OUTCOME_LINK ? SY_BOARD_NOT_REACHED : SY_BOARD_FAILED;
}

static SyJob get_job(SyBoardRow *self)
{
  return self->dry ? SY_JOB_CHECK : SY_JOB_UPGRADE;
}

/* What an attempt left open stays open until the substation is heard: that the next one did not get
 * so far as to erase does not say that nothing was erased. */
static void settle_doubt(SyBoardRow *self)
{
  SyResult *result = &self->result;

  if (self->dry)
    return;
  if (self->in_doubt && result->outcome == SY_OUTCOME_LINK) {
    result->outcome = SY_OUTCOME_UNKNOWN;
    if (result->reason == SY_REASON_NONE)
      result->reason = SY_REASON_SILENT;
  }
  self->in_doubt = result->outcome == SY_OUTCOME_UNKNOWN || (self->in_doubt && !result->identified);
}

/* Takes `sentence`. */
static void end(SyBoardRow *self, char *sentence)
{
  g_autoptr(SyBoardRow) held = g_object_ref(self); /* who is told may remove it */

  self->ended = TRUE;
  g_clear_object(&self->cancellable);
  notify(self, PROP_PROGRESS);
  take_sentence(self, sentence);
  set_state(self, judge(&self->result));
}

/* Before anything was asked of the substation. */
static void end_cancelled(SyBoardRow *self)
{
  self->result = (SyResult){.outcome = SY_OUTCOME_REFUSED, .reason = SY_REASON_CANCELLED};
  end(self, sy_result_dup_sentence(get_job(self), &self->result));
}

static void end_not_begun(SyBoardRow *self, const GError *error)
{
  self->result = (SyResult){.outcome = SY_OUTCOME_LINK};
  settle_doubt(self);
  if (self->in_doubt && !self->dry)
    end(self, sy_result_dup_sentence(get_job(self), &self->result));
  else
    end(self, self->trouble ? sy_trouble_dup_sentence(self->trouble) : g_strdup(error->message));
}

static void take_trouble(SyBoardRow *self, const GError *error)
{
  SyTrouble *carried = error ? sy_link_error_get_trouble(error) : NULL;
  const SyTrouble *found = carried ? carried : sy_station_get_trouble(self->station);

  if (found)
    self->trouble = sy_trouble_ref((SyTrouble *)found);
}

static void on_done(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr(SyBoardRow) self = user_data;
  SyStation *station = SY_STATION(source);
  g_autoptr(GError) error = NULL;
  gboolean ran = self->dry
                     ? sy_station_check_finish(station, async_result, &self->result, &error)
                     : sy_station_upgrade_finish(station, async_result, &self->result, &error);

  if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    end_cancelled(self);
    return;
  }
  take_trouble(self, error);
  if (!ran) {
    end_not_begun(self, error);
    return;
  }
  settle_doubt(self);
  end(self, sy_result_dup_sentence_for(get_job(self), &self->result, self->release));
}

/* ---- How it begins ---- */

static void run(SyBoardRow *self)
{
  self->attempts++;
  self->phase = SY_PHASE_IDLE;
  if (self->dry)
    sy_station_check_async(self->station, self->release, self->cancellable, on_done,
                           g_object_ref(self));
  else
    sy_station_upgrade_async(self->station, self->release, self->cancellable, on_done,
                             g_object_ref(self));
  set_state(self, SY_BOARD_RUNNING);
}

static void on_identified(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr(SyBoardRow) self = user_data;
  g_autoptr(GError) error = NULL;

  /* Who did not answer is told by the station. */
  if (!sy_station_identify_finish(SY_STATION(source), async_result, &error))
    g_debug("%s: %s", self->title, error->message);
  g_clear_object(&self->asking);
  if (self->state != SY_BOARD_WAITING) {
    g_clear_object(&self->cancellable);
    return;
  }
  if (g_cancellable_is_cancelled(self->cancellable))
    end_cancelled(self);
  else
    run(self);
}

void sy_board_row_identify(SyBoardRow *self)
{
  if (self->asking || sy_board_row_is_busy(self))
    return;
  self->asking = g_cancellable_new();
  sy_station_identify_async(self->station, TRUE, self->asking, on_identified, g_object_ref(self));
}

void sy_board_row_start(SyBoardRow *self, SyRelease *release, gboolean dry)
{
  SyRelease *before = self->release;

  self->release = sy_release_ref(release);
  g_clear_pointer(&before, sy_release_unref);
  self->dry = dry;
  self->ended = FALSE;
  g_clear_pointer(&self->trouble, sy_trouble_unref);
  g_set_object(&self->cancellable, NULL);
  self->cancellable = g_cancellable_new();
  take_sentence(self, NULL);
  if (self->asking) /* it is answered in a moment */
    set_state(self, SY_BOARD_WAITING);
  else
    run(self);
}

void sy_board_row_cancel(SyBoardRow *self)
{
  if (self->cancellable)
    g_cancellable_cancel(self->cancellable);
  if (self->state == SY_BOARD_WAITING)
    g_cancellable_cancel(self->asking);
}

/* ---- What a row is asked ---- */

const char *sy_board_row_get_title(SyBoardRow *self)
{
  return self->title;
}

SyStation *sy_board_row_get_station(SyBoardRow *self)
{
  return self->station;
}

SyBoardState sy_board_row_get_state(SyBoardRow *self)
{
  return self->state;
}

gboolean sy_board_row_is_busy(SyBoardRow *self)
{
  return self->state == SY_BOARD_WAITING || self->state == SY_BOARD_RUNNING;
}

double sy_board_row_get_progress(SyBoardRow *self)
{
  return self->attempts > 0 ? sy_station_get_progress(self->station)->fraction : 0;
}

const char *sy_board_row_get_running(SyBoardRow *self)
{
  return self->running;
}

const char *sy_board_row_get_sentence(SyBoardRow *self)
{
  return self->sentence;
}

SyJob sy_board_row_get_job(SyBoardRow *self)
{
  return get_job(self);
}

const SyResult *sy_board_row_get_result(SyBoardRow *self)
{
  return self->ended ? &self->result : NULL;
}

const SyTrouble *sy_board_row_get_trouble(SyBoardRow *self)
{
  return self->trouble;
}

guint sy_board_row_get_attempts(SyBoardRow *self)
{
  return self->attempts;
}

/* ---- The object ---- */

static void sy_board_row_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SyBoardRow *self = SY_BOARD_ROW(object);

  switch (id) {
  case PROP_TITLE:
    g_value_set_string(value, self->title);
    break;
  case PROP_STATION:
    g_value_set_object(value, self->station);
    break;
  case PROP_STATE:
    g_value_set_enum(value, (gint)self->state);
    break;
  case PROP_PROGRESS:
    g_value_set_double(value, sy_board_row_get_progress(self));
    break;
  case PROP_RUNNING:
    g_value_set_string(value, self->running);
    break;
  case PROP_SENTENCE:
    g_value_set_string(value, self->sentence);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    break;
  }
}

static void sy_board_row_finalize(GObject *object)
{
  SyBoardRow *self = SY_BOARD_ROW(object);

  g_free(self->title);
  g_free(self->running);
  g_free(self->sentence);
  g_clear_object(&self->station);
  g_clear_object(&self->cancellable);
  g_clear_object(&self->asking);
  g_clear_pointer(&self->release, sy_release_unref);
  g_clear_pointer(&self->trouble, sy_trouble_unref);
  G_OBJECT_CLASS(sy_board_row_parent_class)->finalize(object);
}

static void sy_board_row_class_init(SyBoardRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = sy_board_row_get_property;
  object_class->finalize = sy_board_row_finalize;
  properties[PROP_TITLE] = g_param_spec_string("title", NULL, NULL, NULL, flags);
  properties[PROP_STATION] = g_param_spec_object("station", NULL, NULL, SY_TYPE_STATION, flags);
  properties[PROP_STATE] =
      g_param_spec_enum("state", NULL, NULL, SY_TYPE_BOARD_STATE, SY_BOARD_READY, flags);
  properties[PROP_PROGRESS] = g_param_spec_double("progress", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_RUNNING] = g_param_spec_string("running", NULL, NULL, NULL, flags);
  properties[PROP_SENTENCE] = g_param_spec_string("sentence", NULL, NULL, NULL, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void sy_board_row_init(SyBoardRow *self)
{
  self->state = SY_BOARD_READY;
}

SyBoardRow *sy_board_row_new(SyStation *station, const char *title)
{
  SyBoardRow *self = g_object_new(SY_TYPE_BOARD_ROW, NULL);

  self->station = g_object_ref(station);
  self->title = g_strdup(title ? title : sy_station_get_port(station));
  g_signal_connect_object(station, "identity-changed", G_CALLBACK(on_identity), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(station, "progress-changed", G_CALLBACK(on_progress), self,
                          G_CONNECT_SWAPPED);
  on_identity(self);
  return self;
}

void sy_board_row_set_watcher(SyBoardRow *self, SyBoardRowFunc changed, gpointer data)
{
  self->changed = changed;
  self->changed_data = data;
}
