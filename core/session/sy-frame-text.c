/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is in a frame, in a line. */

#include "sy-frame-text.h"

#include "sy-release.h"
#include "sy-text.h"

static const char *word_of(guint value, const char *const *words, guint count)
{
  return value < count && words[value] ? words[value] : NULL;
}

/* The word for a number, or the number. */
static void add_word(GString *text, const char *what, guint value, const char *const *words,
                     guint count)
{
  const char *word = word_of(value, words, count);

  if (word)
    g_string_append_printf(text, "%s%s", what, word);
  else
    g_string_append_printf(text, "%s%u", what, value);
}

static void add_bank(GString *text, const char *what, guint bank)
{
  static const char *const words[] = {
      [WIRE_BANK_NONE] = "none",
      [WIRE_BANK_LOW] = "LOW",
      [WIRE_BANK_HIGH] = "HIGH",
  };

  add_word(text, what, bank, words, G_N_ELEMENTS(words));
}

static void add_version(GString *text, const char *what, guint32 version)
{
  g_autofree char *number = sy_version_to_string(version);

  g_string_append_printf(text, "%s%s", what, number);
}

const char *sy_frame_type_to_string(guint8 type)
{
  static const struct {
    guint8 type;
    const char *name;
    const char *reply;
  } names[] = {
      {WIRE_IDENTIFY, "IDENTIFY", "reply to IDENTIFY"},
      {WIRE_ENTER_LOADER, "ENTER_LOADER", "reply to ENTER_LOADER"},
      {WIRE_BEGIN, "BEGIN", "reply to BEGIN"},
      {WIRE_DATA, "DATA", "reply to DATA"},
      {WIRE_COMMIT, "COMMIT", "reply to COMMIT"},
      {WIRE_RUN, "RUN", "reply to RUN"},
      {WIRE_ABORT, "ABORT", "reply to ABORT"},
      {WIRE_ECHO, "ECHO", "reply to ECHO"},
      {WIRE_CONFIRM, "CONFIRM", "reply to CONFIRM"},
      {WIRE_GO_BACK, "GO_BACK", "reply to GO_BACK"},
      {WIRE_RATE, "RATE", "reply to RATE"},
      {WIRE_READ, "READ", "reply to READ"},
      {WIRE_READING, "READING", NULL},
      {WIRE_ANNOUNCE, "ANNOUNCE", NULL},
      {WIRE_LEAVING, "LEAVING", NULL},
      {WIRE_NAK, "NAK", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    if (names[i].type == type)
      return names[i].name;
    if (names[i].reply && (names[i].type | WIRE_REPLY) == type)
      return names[i].reply;
  }
  return NULL;
}

static void add_type(GString *text, guint8 type)
{
  const char *name = sy_frame_type_to_string(type);

  if (name)
    g_string_append(text, name);
  else
    g_string_append_printf(text, "type 0x%02x", type);
}

/* ---- One function a payload; FALSE when it cannot be read. ---- */

static void add_bank_identity(GString *text, const char *name, const WireBankIdentity *bank)
{
  static const char *const states[] = {
      [WIRE_BANK_EMPTY] = "empty",
      [WIRE_BANK_DAMAGED] = "damaged",
      [WIRE_BANK_VALID] = "whole",
      [WIRE_BANK_UNCHECKED] = "unchecked",
  };

  g_string_append_printf(text, "; %s ", name);
  if (bank->state != WIRE_BANK_EMPTY) {
    add_version(text, "", bank->version);
    g_string_append_printf(text, " of %u bytes, CRC 0x%08x, ", bank->length, bank->crc);
  }
  add_word(text, "", bank->state, states, G_N_ELEMENTS(states));
}

static void add_trial(GString *text, const WireIdentity *identity)
{
  static const char *const trials[] = {
      [WIRE_TRIAL_NONE] = "not known",
      [WIRE_TRIAL_RUNNING] = "running",
      [WIRE_TRIAL_CONFIRMED] = "confirmed",
      [WIRE_TRIAL_RETURNED] = "returned",
  };
  static const char *const causes[] = {
      [WIRE_TRIAL_CAUSE_HANG] = "hang",           [WIRE_TRIAL_CAUSE_CRASH] = "crash",
      [WIRE_TRIAL_CAUSE_SELF_TEST] = "self-test", [WIRE_TRIAL_CAUSE_NOT_HEARD] = "not heard",
      [WIRE_TRIAL_CAUSE_STARTS] = "starts",       [WIRE_TRIAL_CAUSE_DAMAGED] = "damaged",
      [WIRE_TRIAL_CAUSE_OPERATOR] = "operator",
  };

  add_word(text, "; trial ", identity->trial, trials, G_N_ELEMENTS(trials));
  if (identity->trial == WIRE_TRIAL_RUNNING)
    g_string_append_printf(text, ", start %u, %u s left", identity->trial_starts,
                           identity->trial_left_s);
  if (identity->trial_cause != WIRE_TRIAL_CAUSE_NONE)
    add_word(text, ", cause ", identity->trial_cause, causes, G_N_ELEMENTS(causes));
}

static gboolean add_identity(GString *text, const WireFrame *frame)
{
  static const char *const modes[] = {
      [WIRE_MODE_PROGRAM] = "program",
      [WIRE_MODE_LOADER] = "loader",
  };
  static const char *const resets[] = {
      [WIRE_RESET_POWER_OR_PIN] = "power or pin",
      [WIRE_RESET_WATCHDOG] = "watchdog",
  };
  g_autofree char *product = NULL;
  WireIdentity identity;

  if (!wire_identity_read(frame, &identity))
    return FALSE;
  product = sy_product_to_string(identity.product);
  add_word(text, ": ", identity.mode, modes, G_N_ELEMENTS(modes));
  add_bank(text, ", bank ", identity.running_bank);
  add_version(text, " ", identity.program_version);
  add_version(text, ", loader ", identity.loader_version);
  g_string_append_printf(text, ", product %s, part %u, protocol %u.%u", product, identity.part_id,
                         identity.protocol_major, identity.protocol_minor);
  add_word(text, "; reset by ", identity.reset_cause, resets, G_N_ELEMENTS(resets));
  g_string_append_printf(text, ", boots %u, up %u ms, flags 0x%02x, capabilities 0x%02x",
                         identity.boots, identity.uptime_ms, identity.flags, identity.capabilities);
  g_string_append_printf(text, ", payload %u, window %u, room %u", identity.payload_max,
                         identity.window, identity.room);
  add_bank_identity(text, "LOW", &identity.banks[0]);
  add_bank_identity(text, "HIGH", &identity.banks[1]);
  add_trial(text, &identity);
  return TRUE;
}

static gboolean add_enter(GString *text, const WireFrame *frame)
{
  g_autofree char *product = NULL;
  WireEnter enter;

  if (!wire_enter_read(frame, &enter))
    return FALSE;
  product = sy_product_to_string(enter.product);
  g_string_append_printf(text, ": product %s", product);
  return TRUE;
}

static gboolean add_begin(GString *text, const WireFrame *frame)
{
  static const char *const modes[] = {
      [WIRE_BEGIN_ANEW] = "anew",
      [WIRE_BEGIN_KEEP] = "keep",
  };
  g_autofree char *product = NULL;
  WireBegin begin;

  if (!wire_begin_read(frame, &begin))
    return FALSE;
  product = sy_product_to_string(begin.product);
  add_bank(text, ": bank ", begin.bank);
  add_version(text, " ", begin.version);
  g_string_append_printf(text, ", %u blocks, %u bytes, CRC 0x%08x, product %s", begin.blocks,
                         begin.length, begin.crc, product);
  add_word(text, ", ", begin.encoding, modes, G_N_ELEMENTS(modes));
  return TRUE;
}

static gboolean add_begun(GString *text, const WireFrame *frame)
{
  WireBegun begun;
  guint verified = 0;

  if (!wire_begun_read(frame, &begun))
    return FALSE;
  for (guint i = 0; i < sizeof begun.verified; i++)
    for (guint8 bits = begun.verified[i]; bits; bits = (guint8)(bits & (bits - 1)))
      verified++;
  add_bank(text, ": bank ", begun.bank);
  g_string_append_printf(text, ", %u blocks, %u verified, first missing %u, erased in %u ms",
                         begun.blocks, verified, begun.missing, begun.erase_ms);
  return TRUE;
}

static gboolean add_data(GString *text, const WireFrame *frame)
{
  WireData data;

  if (!wire_data_read(frame, &data))
    return FALSE;
  g_string_append_printf(text, ": block %u, %u block%s, %s, %u bytes", data.block, data.count,
                         data.count == 1 ? "" : "s", data.packed ? "packed" : "plain", data.length);
  return TRUE;
}

static gboolean add_data_status(GString *text, const WireFrame *frame)
{
  WireDataStatus status;

  if (!wire_data_status_read(frame, &status))
    return FALSE;
  g_string_append_printf(text, ": block %u %s, first missing %u, following 0x%08x", status.block,
                         status.verified ? "verified" : "failed", status.missing, status.following);
  if (status.repeats > 0)
    g_string_append_printf(text, ", sector erased anew %u times", status.repeats);
  return TRUE;
}

static gboolean add_commit(GString *text, const WireFrame *frame)
{
  WireCommit commit;

  if (!wire_commit_read(frame, &commit))
    return FALSE;
  g_string_append_printf(text, ": %u bytes, CRC 0x%08x", commit.length, commit.crc);
  return TRUE;
}

static gboolean add_committed(GString *text, const WireFrame *frame)
{
  WireCommitted committed;

  if (!wire_committed_read(frame, &committed))
    return FALSE;
  add_bank(text, ": bank ", committed.bank);
  g_string_append_printf(text, ", record %u, CRC 0x%08x, %u bytes heard, %u overruns",
                         committed.sequence, committed.crc, committed.life.fields[WIRE_LIFE_BYTES],
                         committed.life.fields[WIRE_LIFE_OVERRUNS]);
  return TRUE;
}

static gboolean add_rate(GString *text, const WireFrame *frame)
{
  WireRate rate;

  if (!wire_rate_read(frame, &rate))
    return FALSE;
  g_string_append_printf(text, ": %u baud", rate.baud);
  return TRUE;
}

static gboolean add_read(GString *text, const WireFrame *frame)
{
  WireRead read;

  if (!wire_read_read(frame, &read))
    return FALSE;
  g_string_append_printf(text, ": page %u, from 0x%05x", read.page, read.page * WIRE_PAGE_SIZE);
  return TRUE;
}

static gboolean add_confirm(GString *text, const WireFrame *frame)
{
  WireConfirm confirm;

  if (!wire_confirm_read(frame, &confirm))
    return FALSE;
  g_string_append_printf(text, ": CRC 0x%08x", confirm.crc);
  return TRUE;
}

static gboolean add_confirmed(GString *text, const WireFrame *frame)
{
  WireConfirmed confirmed;

  if (!wire_confirmed_read(frame, &confirmed))
    return FALSE;
  g_string_append_printf(text, ": record %u", confirmed.sequence);
  return TRUE;
}

static gboolean add_nak(GString *text, const WireFrame *frame)
{
  g_autofree char *words = NULL;
  WireNak nak;

  if (!wire_nak_read(frame, &nak))
    return FALSE;
  words = sy_nak_dup_text(&nak);
  g_string_append(text, " to ");
  add_type(text, nak.type);
  g_string_append_printf(text, ": cause %u, detail 0x%x (%s)", nak.cause, nak.detail, words);
  return TRUE;
}

static gboolean add_reading(GString *text, const WireFrame *frame)
{
  WireReading reading;

  if (!wire_reading_read(frame, &reading))
    return FALSE;
  g_string_append_printf(text, ": number %u, up %u ms", reading.number, reading.uptime_ms);
  for (guint i = 0; i < WIRE_CHANNELS; i++)
    g_string_append_printf(text, ", %s%d.%d (raw %u)", reading.value[i] < 0 ? "-" : "",
                           ABS((int)reading.value[i]) / 10, ABS((int)reading.value[i]) % 10,
                           reading.raw[i]);
  return TRUE;
}

static gboolean add_leaving(GString *text, const WireFrame *frame)
{
  static const char *const causes[] = {
      [WIRE_LEAVING_RUN] = "run",         [WIRE_LEAVING_ABORT] = "abort",
      [WIRE_LEAVING_SILENCE] = "silence", [WIRE_LEAVING_FLASH] = "flash",
      [WIRE_LEAVING_RUBBISH] = "rubbish",
  };
  WireLeaving leaving;

  if (!wire_leaving_read(frame, &leaving))
    return FALSE;
  add_word(text, ": cause ", leaving.cause, causes, G_N_ELEMENTS(causes));
  add_bank(text, ", bank ", leaving.bank);
  return TRUE;
}

/* Nothing to say but how much there is. */
static gboolean add_length(GString *text, const WireFrame *frame)
{
  if (frame->length > 0)
    g_string_append_printf(text, ": %u bytes", frame->length);
  return TRUE;
}

static gboolean add_payload(GString *text, const WireFrame *frame)
{
  static const struct {
    guint8 type;
    gboolean (*add)(GString *text, const WireFrame *frame);
  } payloads[] = {
      {WIRE_IDENTIFY | WIRE_REPLY, add_identity},
      {WIRE_ANNOUNCE, add_identity},
      {WIRE_ENTER_LOADER, add_enter},
      {WIRE_BEGIN, add_begin},
      {WIRE_BEGIN | WIRE_REPLY, add_begun},
      {WIRE_DATA, add_data},
      {WIRE_DATA | WIRE_REPLY, add_data_status},
      {WIRE_COMMIT, add_commit},
      {WIRE_COMMIT | WIRE_REPLY, add_committed},
      {WIRE_RATE, add_rate},
      {WIRE_RATE | WIRE_REPLY, add_rate},
      {WIRE_READ, add_read},
      {WIRE_CONFIRM, add_confirm},
      {WIRE_CONFIRM | WIRE_REPLY, add_confirmed},
      {WIRE_GO_BACK, add_confirm},
      {WIRE_NAK, add_nak},
      {WIRE_READING, add_reading},
      {WIRE_LEAVING, add_leaving},
  };

  for (guint i = 0; i < G_N_ELEMENTS(payloads); i++)
    if (payloads[i].type == frame->type)
      return payloads[i].add(text, frame);
  return add_length(text, frame);
}

char *sy_frame_dup_name(const WireFrame *frame)
{
  GString *text = g_string_new(NULL);

  add_type(text, frame->type);
  if (frame->seq != 0 || frame->token != 0)
    g_string_append_printf(text, " seq %u", frame->seq);
  return g_string_free(text, FALSE);
}

char *sy_frame_dup_text(SyDirection direction, const WireFrame *frame)
{
  g_autofree char *name = sy_frame_dup_name(frame);
  GString *text = g_string_new(direction == SY_DIRECTION_OUT ? "→ " : "← ");
  gsize head;

  g_string_append(text, name);
  head = text->len;
  if (!add_payload(text, frame)) {
    g_string_truncate(text, head);
    g_string_append_printf(text, ": too short, %u bytes", frame->length);
  }
  return g_string_free(text, FALSE);
}
