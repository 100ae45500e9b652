/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation's jobs: each in a thread of its own, from its start to what it hands over. */

#include "sy-hearing.h"
#include "sy-read-back.h"
#include "sy-station-private.h"
#include "sy-transfer.h"

#include <glib/gi18n-lib.h>

/* Belongs to the job's thread while it runs and to the main thread before and after: whatever holds
 * references is let go in the main thread. */
typedef struct {
  SyStation *station;
  SyJob kind;
  SyRelease *release; /* of an upgrade, dry or not */
  GArray *ranges;     /* of SyRange: to be read … */
  guint8 *flash;      /* … to here */
  gboolean quiet;
  gboolean anew; /* an upgrade that takes nothing from earlier ones */
  SyStationState before;
  SyStationState meanwhile; /* the station's state while it runs */
  GTask *task;              /* the caller's */
  SyResult result;
  SyTrouble *trouble; /* NULL: none */
  GError *error;
} Job;

static void job_free(Job *job)
{
  g_clear_pointer(&job->release, sy_release_unref);
  g_clear_pointer(&job->ranges, g_array_unref);
  g_free(job->flash);
  g_clear_object(&job->task);
  g_clear_object(&job->station);
  g_clear_pointer(&job->trouble, sy_trouble_unref);
  g_clear_error(&job->error);
  g_free(job);
}

/* In the job's thread. */
static void on_event(const SySession *session, const SyEvent *event, gpointer user_data)
{
  const Job *job = user_data;
  SyStation *self = job->station;
  SyLogLevel level;
  g_autofree char *text = job->quiet ? NULL : sy_event_dup_text(session, event, &level);

  g_mutex_lock(&self->mutex);
  if (session->job != SY_JOB_IDENTIFY) {
    self->news.progress = session->progress;
    self->news.progress_news = TRUE;
  }
  if (event->kind == SY_EVENT_IDENTITY || event->kind == SY_EVENT_CONFIRMED) {
    self->news.identity = session->result.identity;
    self->news.identity_news = TRUE;
  }
  if (text)
    g_ptr_array_add(self->news.log, sy_log_entry_new(level, text));
  sy_station_queue_flush(self);
  g_mutex_unlock(&self->mutex);
}

static gboolean ensure_link(SyStation *self, GCancellable *cancellable, GError **error)
{
  if (self->link)
    return TRUE;
  self->link = self->substation
                   ? sy_virtual_connect(self->substation, error)
                   : sy_link_open_with(self->port, &self->link_settings, cancellable, error);
  if (self->link)
    sy_station_hear_link(self);
  return self->link != NULL;
}

static void start_read(Job *job, SySession *session)
{
  guint8 pages[SY_READ_MAP_SIZE];

  sy_read_back_get_pages((const SyRange *)(gpointer)job->ranges->data, job->ranges->len, pages);
  sy_transfer_start_read(session, job->station->link, pages, job->flash);
}

static void run_session(Job *job, GCancellable *cancellable)
{
  SyStation *self = job->station;
  g_autofree SySession *session = g_new(SySession, 1);
  g_autoptr(SyLibrary) library = sy_library_new(NULL);
  g_autoptr(SyDictionary) dictionary = sy_dictionary_new(library);
  const SyTransferWatch watch = {.event = on_event, .user_data = job, .trace = self->trace};

  sy_session_init(session, sy_transfer_new_token());
  switch (job->kind) {
  case SY_JOB_UPGRADE:
    if (job->anew)
      sy_session_begin_anew(session);
    sy_transfer_start_upgrade(session, self->link, job->release, job->anew ? NULL : dictionary);
    break;
  case SY_JOB_CONFIRM:
    sy_session_start_confirm(session, sy_transfer_now_us());
    break;
  case SY_JOB_GO_BACK:
    sy_session_start_go_back(session, sy_transfer_now_us());
    break;
  case SY_JOB_READ:
    start_read(job, session);
    break;
  case SY_JOB_CHECK:
    sy_transfer_start_check(session, job->release);
    break;
  case SY_JOB_IDENTIFY:
  default:
    sy_session_start_identify(session, sy_transfer_now_us());
    break;
  }
  sy_transfer_run(session, self->link, &watch, cancellable, &job->error);
  job->result = session->result;
  sy_dictionary_tell_life(dictionary, &job->result.life);
}

/* Why nobody is there, if it is that. In the job's thread, for it looks around on this machine. */
static SyTrouble *find_trouble(const Job *job)
{
  const SyResult *result = &job->result;
  SyTrouble *carried = job->error ? sy_link_error_get_trouble(job->error) : NULL;
  g_autofree char *sentence = NULL;

  if (carried)
    return sy_trouble_ref(carried);
  if (job->error)
    return g_error_matches(job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
               ? NULL
               : sy_trouble_find(SY_TROUBLE_OTHER, job->station->port, job->error->message);
  /* One whose state is not settled answers all the same. */
  if (result->outcome != SY_OUTCOME_LINK &&
      (result->outcome != SY_OUTCOME_UNKNOWN || result->reason == SY_REASON_NOT_CONFIRMED))
    return NULL;
  carried = sy_result_find_trouble(result, job->station->port);
  if (carried)
    return carried;
  sentence = sy_result_dup_sentence(job->kind, result);
  return sy_trouble_find(SY_TROUBLE_OTHER, job->station->port, sentence);
}

static gboolean on_job_done(gpointer data);

static gpointer run_job(gpointer data)
{
  Job *job = data;
  SyStation *self = job->station;
  GCancellable *cancellable = g_task_get_cancellable(job->task);

  if (ensure_link(self, cancellable, &job->error) && sy_station_catch_up(self, &job->error))
    run_session(job, cancellable);
  job->trouble = find_trouble(job);
  if (job->error)
    g_clear_object(&self->link);
  g_idle_add_full(G_PRIORITY_DEFAULT, on_job_done, job, NULL);
  return NULL;
}

/* Whoever gave it up did not wait for an answer: nothing is known that was not known before. */
static gboolean is_given_up(const Job *job)
{
  return g_error_matches(job->error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         job->result.reason == SY_REASON_CANCELLED;
}

/* What the job's end means for the station. A port that was open and is still missing goes on being
 * told as pulled out. */
static void settle_state(SyStation *self, const Job *job)
{
  gboolean still_gone = job->trouble && job->trouble->kind == SY_TROUBLE_ABSENT && self->trouble &&
                        self->trouble->kind == SY_TROUBLE_GONE;

  if (still_gone || (self->state == SY_STATION_UNREACHABLE && is_given_up(job)))
    return;
  if (job->trouble)
    sy_station_set_state(self, SY_STATION_UNREACHABLE, job->trouble);
  else
    sy_station_set_state(self, self->identified ? SY_STATION_CONNECTED : SY_STATION_CLOSED, NULL);
}

/* A refresh that fails again and again is told once, when the substation went away. */
static void log_trouble(SyStation *self, const Job *job)
{
  gboolean news = !job->quiet || job->before != SY_STATION_UNREACHABLE;
  gboolean told = !job->quiet && !job->error; /* by the session's last event */

  if (self->state == SY_STATION_UNREACHABLE && news && !told) {
    g_autofree char *trouble = sy_trouble_dup_sentence(self->trouble);

    sy_station_log(self, SY_LOG_ERROR, trouble);
  }
  if (self->state == SY_STATION_CONNECTED && job->quiet && job->before == SY_STATION_UNREACHABLE) {
    g_autofree char *sentence = sy_identity_dup_sentence(&self->identity);

    sy_station_log(self, SY_LOG_INFO, sentence);
  }
}

static GError *error_of_identify(const Job *job)
{
  g_autofree char *sentence = sy_result_dup_sentence(SY_JOB_IDENTIFY, &job->result);

  if (job->result.reason == SY_REASON_CANCELLED)
    return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, sentence);
  if (job->trouble)
    return sy_link_error_new(SY_LINK_ERROR_SILENT, job->trouble);
  return g_error_new_literal(SY_LINK_ERROR, SY_LINK_ERROR_SILENT, sentence);
}

/* What a job hands over. */
typedef struct {
  SyResult result;
  SyImage *image; /* of a read */
} End;

static End *end_new(const Job *job)
{
  End *end = g_new0(End, 1);

  end->result = job->result;
  if (job->kind == SY_JOB_READ && job->result.outcome == SY_OUTCOME_DONE)
    end->image = sy_read_back_make_image((const SyRange *)(gpointer)job->ranges->data,
                                         job->ranges->len, job->flash);
  return end;
}

static void end_free(End *end)
{
  g_clear_pointer(&end->image, sy_image_unref);
  g_free(end);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(End, end_free)

static void return_job(Job *job)
{
  gboolean ran = job->result.reason != SY_REASON_NONE || job->result.outcome == SY_OUTCOME_DONE;

  if (job->error && !(job->kind != SY_JOB_IDENTIFY && ran))
    g_task_return_error(job->task, g_steal_pointer(&job->error));
  else if (job->kind != SY_JOB_IDENTIFY)
    g_task_return_pointer(job->task, end_new(job), (GDestroyNotify)end_free);
  else if (job->result.outcome != SY_OUTCOME_DONE)
    g_task_return_error(job->task, error_of_identify(job));
  else
    g_task_return_boolean(job->task, TRUE);
}

static void begin_job(SyStation *self, Job *job);

static gboolean on_job_done(gpointer data)
{
  Job *job = data;
  SyStation *self = job->station;

  self->has_job = self->asking = FALSE;
  sy_station_take_port(self);
  g_mutex_lock(&self->mutex);
  g_clear_handle_id(&self->news.flush_id, g_source_remove);
  g_mutex_unlock(&self->mutex);
  sy_station_flush_news(self);
  settle_state(self, job);
  log_trouble(self, job);
  if (self->next_job)
    begin_job(self, g_steal_pointer(&self->next_job));
  else
    sy_station_start_listening(self);
  return_job(job);
  job_free(job);
  return G_SOURCE_REMOVE;
}

static Job *job_new(SyJob kind)
{
  Job *job = g_new0(Job, 1);

  job->kind = kind;
  job->result.outcome = SY_OUTCOME_LINK; /* until a session says better */
  return job;
}

/* Takes the job. */
static void begin_job(SyStation *self, Job *job)
{
  job->before = self->state;
  self->has_job = TRUE;
  self->asking = job->kind == SY_JOB_IDENTIFY;
  sy_station_stop_listening(self, !self->asking);
  if (!self->asking) {
    self->job = job->kind;
    self->progress = (SyProgress){.seconds_left = -1};
  }
  /* A quiet refresh leaves what is told as it is until it knows better. */
  if (job->meanwhile != self->state)
    sy_station_set_state(self, job->meanwhile, NULL);
  g_thread_unref(g_thread_new("switchyard-job", run_job, job));
}

/* Takes the job and the task. Who asks who is there may not be who has something to do. */
static void start_job(SyStation *self, Job *job, SyStationState state, GTask *task)
{
  gboolean waits = self->asking && !self->next_job && job->kind != SY_JOB_IDENTIFY;

  g_task_set_check_cancellable(task, FALSE); /* what ran to its end is told, cancelled or not */
  if (self->has_job && !waits) {
    g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_BUSY, "A job runs on this substation");
    g_object_unref(task);
    job_free(job);
    return;
  }
  job->station = g_object_ref(self);
  job->meanwhile = state;
  job->task = task;
  if (self->has_job)
    self->next_job = job;
  else
    begin_job(self, job);
}

void sy_station_identify_async(SyStation *self, gboolean quiet, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new(self, cancellable, callback, user_data);
  gboolean asks_anew = self->state == SY_STATION_CLOSED || !quiet;
  Job *job = job_new(SY_JOB_IDENTIFY);

  g_task_set_source_tag(task, sy_station_identify_async);
  job->quiet = quiet;
  start_job(self, job, asks_anew ? SY_STATION_OPENING : self->state, task);
}

gboolean sy_station_identify_finish(SyStation *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail(g_task_is_valid(result, self), FALSE);

  return g_task_propagate_boolean(G_TASK(result), error);
}

/* `image` may be NULL. */
static gboolean finish_with_result(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                   SyImage **image, GError **error)
{
  g_autoptr(End) end = NULL;

  g_return_val_if_fail(g_task_is_valid(async_result, self), FALSE);

  end = g_task_propagate_pointer(G_TASK(async_result), error);
  if (!end)
    return FALSE;
  *result = end->result;
  if (image)
    *image = g_steal_pointer(&end->image);
  return TRUE;
}

static void start_upgrade(SyStation *self, SyRelease *release, gboolean anew, GTask *task)
{
  Job *job = job_new(SY_JOB_UPGRADE);

  job->release = sy_release_ref(release);
  job->anew = anew;
  start_job(self, job, SY_STATION_BUSY, task);
}

void sy_station_upgrade_async(SyStation *self, SyRelease *release, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  start_upgrade(self, release, FALSE, g_task_new(self, cancellable, callback, user_data));
}

void sy_station_upgrade_anew_async(SyStation *self, SyRelease *release, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  start_upgrade(self, release, TRUE, g_task_new(self, cancellable, callback, user_data));
}

gboolean sy_station_upgrade_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                   GError **error)
{
  return finish_with_result(self, async_result, result, NULL, error);
}

void sy_station_check_async(SyStation *self, SyRelease *release, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  Job *job = job_new(SY_JOB_CHECK);

  job->release = sy_release_ref(release);
  start_job(self, job, SY_STATION_BUSY, g_task_new(self, cancellable, callback, user_data));
}

gboolean sy_station_check_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                 GError **error)
{
  return finish_with_result(self, async_result, result, NULL, error);
}

void sy_station_confirm_async(SyStation *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  start_job(self, job_new(SY_JOB_CONFIRM), SY_STATION_BUSY,
            g_task_new(self, cancellable, callback, user_data));
}

gboolean sy_station_confirm_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                   GError **error)
{
  return finish_with_result(self, async_result, result, NULL, error);
}

void sy_station_go_back_async(SyStation *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  start_job(self, job_new(SY_JOB_GO_BACK), SY_STATION_BUSY,
            g_task_new(self, cancellable, callback, user_data));
}

gboolean sy_station_go_back_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                   GError **error)
{
  return finish_with_result(self, async_result, result, NULL, error);
}

void sy_station_read_async(SyStation *self, const SyRange *ranges, guint n_ranges,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new(self, cancellable, callback, user_data);
  Job *job;

  if (sy_read_back_count(ranges, n_ranges) == 0) {
    g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s",
                            _("Nothing of this lies in flash that can be read back"));
    g_object_unref(task);
    return;
  }
  job = job_new(SY_JOB_READ);
  job->ranges = g_array_append_vals(g_array_new(FALSE, FALSE, sizeof *ranges), ranges, n_ranges);
  job->flash = g_malloc0(WIRE_FLASH_SIZE);
  start_job(self, job, SY_STATION_BUSY, task);
}

gboolean sy_station_read_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                SyImage **image, GError **error)
{
  *image = NULL;
  return finish_with_result(self, async_result, result, image, error);
}
