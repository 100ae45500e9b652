/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Blocks on their way: as many DATA frames as the substation takes before it answers, so that the
 * line never waits for flash, and again only those that did not arrive. PROTOCOL.md §5.
 *
 * A line changes no order, so an answer says of every frame before it that it was lost, unless the
 * map in the answer says that its blocks are there. */

#include "sy-session-private.h"

#include "wire-bytes.h"
#include "wire-unpack.h"

enum {
  /* However a substation answers, an upgrade ends: at most so many DATA frames per block. */
  FRAMES_PER_BLOCK = 40,
  ATTEMPTS = 12,
  PROBES = 5,              /* of them; then it was longer than a path only stops for a moment */
  PATIENCE_US = 50 * 1000, /* behind what the wire takes; twice as long each time */
  PATIENCE_MAX_US = 500 * 1000,    /* a sector may be erased anew */
  ERASE_PATIENCE_US = 1500 * 1000, /* until DATA is answered first */
  BLOCK_US = 10 * 1000,            /* most that unpacking and programming one takes */
  AHEAD_US = 60 * 1000,            /* so much is under way beyond the path's own time */
  ERASE_AHEAD_US = 450 * 1000,     /* and so much while an erase takes up to 400 ms */
  FRAMES_MIN = 2,
  RATE_ATTEMPTS = 6, /* at a raised rate; then it is the rate that is given up */
  FAST_RATE = 691200,
  CLEAN_FRAMES = 24, /* without a loss, and the line is trusted again */
};

static bool has_capability(const SySession *session, WireCapability capability)
{
  return (session->result.identity.capabilities & capability) != 0;
}

/* Loses are rare: frames may be long and lean on others that are not answered yet. */
static bool is_trusted(const SySession *session)
{
  return session->stream.clean >= CLEAN_FRAMES;
}

static uint16_t lowest_not(const SySession *session, SySend send)
{
  uint16_t block = 0;

  while (block < session->progress.blocks_total && session->stream.sends[block] == send)
    block++;
  return block;
}

static uint16_t lowest_waiting(const SySession *session)
{
  uint16_t block = 0;

  while (block < session->progress.blocks_total && session->stream.sends[block] != SY_SEND_WAITS)
    block++;
  return block;
}

/* ---- Sending ---- */

/* What packed blocks may lean on: the running program, what is there of the new one, and on a line
 * that loses nothing what is under way. Block 0 is not in flash before the seal. */
static void find_readable(const SySession *session, uint8_t readable[WIRE_UNPACK_READABLE_SIZE])
{
  WireBank bank = session->progress.bank;
  uint32_t first = wire_bank_get_addr(bank) / WIRE_BLOCK_SIZE;
  WireBank running = (WireBank)session->result.identity.running_bank; /* as the loader judges it */

  wire_fill(readable, 0, WIRE_UNPACK_READABLE_SIZE);
  if (running != WIRE_BANK_NONE)
    wire_fill(readable + wire_bank_get_addr(running) / WIRE_BLOCK_SIZE / 8, 0xff,
              wire_bank_get_size(running) / WIRE_BLOCK_SIZE / 8);
  for (uint32_t block = 1; block < session->progress.blocks_total; block++) {
    uint8_t send = session->stream.sends[block];

    if (send == SY_SEND_THERE || (send == SY_SEND_UNDER_WAY && is_trusted(session)))
      readable[(first + block) / 8] |= (uint8_t)(1 << (first + block) % 8);
  }
}

/* The chip unpacks at some 70 clocks a byte. While it erases it has nothing else to do with what
 * comes, and at most rates the line takes longer; at the highest it would wait for the unpacking.
 */
static size_t longest_worth_packing(const SySession *session)
{
  bool line_is_faster = session->rate >= FAST_RATE && session->stream.answered;

  return line_is_faster ? WIRE_BLOCK_SIZE / 2 : WIRE_BLOCK_SIZE - 1;
}

static size_t build_packed(const SySession *session, WireData *data, uint8_t *to)
{
  uint8_t readable[WIRE_UNPACK_READABLE_SIZE];

  if (!session->packing || !has_capability(session, WIRE_CAP_PACKED))
    return 0;
  find_readable(session, readable);
  data->length = (uint16_t)session->packing->pack(session->packing->context, data->block,
                                                  data->count, readable, to + WIRE_DATA_HEAD,
                                                  data->count * longest_worth_packing(session));
  data->packed = data->length > 0;
  data->bytes = to + WIRE_DATA_HEAD;
  return data->packed ? wire_data_write(data, to) : 0;
}

static size_t build_plain(const SySession *session, WireData *data, uint8_t *to)
{
  uint32_t offset = (uint32_t)data->block * WIRE_BLOCK_SIZE;
  uint32_t left = session->upload.length - offset;

  data->length = (uint16_t)(data->count * WIRE_BLOCK_SIZE);
  data->bytes = to + WIRE_DATA_HEAD;
  wire_fill(to + WIRE_DATA_HEAD, 0xff, data->length);
  wire_copy(to + WIRE_DATA_HEAD, session->upload.bytes + offset,
            left < data->length ? left : data->length);
  return wire_data_write(data, to);
}

/* Whether one more frame may go out now. More than the line needs to stay busy would only delay
 * what has to be sent again. */
static bool may_send(const SySession *session)
{
  const SyStream *stream = &session->stream;
  const WireIdentity *identity = &session->result.identity;
  uint64_t ahead_us =
      sy_session_get_ahead_us(session) + (stream->answered ? AHEAD_US : ERASE_AHEAD_US);

  if (stream->count == 0)
    return true;
  if (stream->count >= SY_STREAM_FRAMES || stream->attempts > 0 || identity->window <= 1 ||
      stream->bytes + WIRE_FRAME_MAX > identity->room)
    return false;
  return stream->count < FRAMES_MIN || sy_session_wire_us(session, stream->bytes) < ahead_us;
}

static void make_frame(SySession *session, uint16_t block, uint8_t count)
{
  SyStream *stream = &session->stream;
  SyLife *life = &session->result.life;
  uint8_t *payload = session->out + WIRE_FRAME_HEADER_SIZE;
  WireData data = {.block = block, .count = count};
  size_t length = build_packed(session, &data, payload);

  if (length == 0)
    length = build_plain(session, &data, payload);
  sy_session_send(session, WIRE_DATA, ++session->seq, length);
  stream->flights[stream->count++] = (SyFlight){
      .seq = session->seq, .count = count, .block = block, .length = (uint16_t)session->out_length};
  stream->bytes += (uint32_t)session->out_length;
  session->data_frames++;
  life->frames++;
  life->frame_bytes += (uint32_t)session->out_length;
  life->blocks_sent += count;
  life->blocks_packed += data.packed ? count : 0;
  for (uint16_t at = block; at < block + count; at++) {
    stream->sends[at] = SY_SEND_UNDER_WAY;
    session->sent[at] += session->sent[at] < UINT8_MAX;
    sy_session_set_block(session, at, SY_BLOCK_SENT);
  }
}

/* COMMIT goes out behind the last frame: should one have been lost, its answer says so at once. A
 * substation that takes one frame at a time gets it when all is there. */
static bool may_commit(const SySession *session)
{
  return session->stream.count == 0 || (session->result.identity.window > 1 &&
                                        session->stream.attempts == 0 && session->stream.clean > 0);
}

/* Several may be under way, so several may only be late. */
static bool can_probe(const SySession *session)
{
  return session->result.identity.window > 1 && has_capability(session, WIRE_CAP_STREAM);
}

static void rearm(SySession *session, uint64_t now_us)
{
  const SyStream *stream = &session->stream;
  uint64_t patience_us = PATIENCE_US;

  for (unsigned i = 0; i < stream->attempts && patience_us < PATIENCE_MAX_US; i++)
    patience_us *= 2;
  if (patience_us > PATIENCE_MAX_US)
    patience_us = PATIENCE_MAX_US;
  if (!stream->answered && stream->attempts == 0)
    patience_us = ERASE_PATIENCE_US;
  if (stream->attempts == 0 || !can_probe(session)) /* else they have had it */
    patience_us += sy_session_wire_us(session, stream->bytes);
  sy_session_set_deadline(session, now_us + sy_session_patience_us(session, patience_us));
}

void sy_session_note_data_out(SySession *session, uint64_t now_us)
{
  if (session->step == SY_STEP_DATA && session->stream.count > 0)
    rearm(session, now_us);
}

void sy_session_fill(SySession *session, uint64_t now_us)
{
  uint16_t blocks = session->progress.blocks_total;
  uint16_t block = lowest_waiting(session);
  uint8_t count = 1;

  if (session->step != SY_STEP_DATA || session->out_sent < session->out_length)
    return;
  if (block == blocks) {
    if (may_commit(session))
      sy_session_enter(session, SY_STEP_COMMIT, now_us);
    return;
  }
  if (!may_send(session))
    return;
  if (session->data_frames >= (uint32_t)blocks * FRAMES_PER_BLOCK) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  if (has_capability(session, WIRE_CAP_STREAM) && is_trusted(session) && block + 1 < blocks &&
      session->stream.sends[block + 1] == SY_SEND_WAITS)
    count = WIRE_DATA_BLOCKS_MAX;
  if (session->stream.count > 0 &&
      block + count > lowest_not(session, SY_SEND_THERE) + session->result.identity.window)
    return;
  make_frame(session, block, count);
  rearm(session, now_us);
}

void sy_session_start_stream(SySession *session, const WireBegun *begun, uint64_t now_us)
{
  SyStream *stream = &session->stream;
  SyLife *life = &session->result.life;

  *stream = (SyStream){
      .clean = CLEAN_FRAMES, .answered = begun->erase_ms > 0, .answered_seq = session->seq};
  life->baud = session->rate;
  life->blocks_kept = 0;
  for (uint16_t block = 0; block < session->progress.blocks_total; block++) {
    bool there = (begun->verified[block / 8] >> block % 8 & 1) != 0 || block < begun->missing;

    stream->sends[block] = there ? SY_SEND_THERE : SY_SEND_WAITS;
    session->progress.blocks[block] =
        (uint8_t)(there && block > 0 ? sy_session_get_verified(session, block) : SY_BLOCK_ERASED);
    life->blocks_kept += there;
  }
  if (life->blocks_kept > 0)
    sy_session_emit(session, (SyEvent){.kind = SY_EVENT_RESUMED, .number = life->blocks_kept});
  if (begun->erase_ms > 0)
    sy_session_emit(session, (SyEvent){.kind = SY_EVENT_ERASED, .number = begun->erase_ms});
  session->write_us = now_us;
  session->step = SY_STEP_DATA;
  sy_session_set_phase(session, SY_PHASE_WRITE, now_us);
  sy_session_update_progress(session, now_us);
  rearm(session, now_us);
  sy_session_fill(session, now_us);
}

/* ---- Answers ---- */

/* The first `count` frames are under way no more: what of them is not there is sent again. */
static void drop_flights(SySession *session, unsigned count)
{
  SyStream *stream = &session->stream;

  for (unsigned i = 0; i < count; i++) {
    const SyFlight *flight = &stream->flights[i];
    bool lost = false;

    stream->bytes -= flight->length;
    for (uint16_t at = flight->block; at < flight->block + flight->count; at++) {
      if (stream->sends[at] != SY_SEND_UNDER_WAY)
        continue;
      stream->sends[at] = SY_SEND_WAITS;
      lost = true;
    }
    if (lost) {
      session->progress.counts.retries++;
      stream->clean = 0;
    } else if (stream->clean < CLEAN_FRAMES) {
      stream->clean++;
    }
  }
  stream->count -= count;
  for (unsigned i = 0; i < stream->count; i++)
    stream->flights[i] = stream->flights[i + count];
}

static bool says_there(const WireDataStatus *status, uint32_t block)
{
  uint32_t bit = block - status->missing - 1u;

  return block < status->missing ||
         (block > status->missing && bit < 32 && (status->following >> bit & 1) != 0);
}

/* Blocks that the substation says it has, and those that it has no more because a sector had to be
 * erased anew. What is under way may be there a moment later. */
static void take_map(SySession *session, const WireDataStatus *status)
{
  SyStream *stream = &session->stream;

  for (uint16_t block = 0; block < session->progress.blocks_total; block++) {
    if (block > status->missing + 32u)
      break;
    if (says_there(status, block)) {
      stream->sends[block] = SY_SEND_THERE;
      if (block != 0) /* the substation holds block 0 back, for the seal */
        sy_session_set_verified(session, block);
    } else if (stream->sends[block] == SY_SEND_THERE) {
      stream->sends[block] = SY_SEND_WAITS;
      session->progress.blocks[block] = SY_BLOCK_ERASED;
    }
  }
}

static void end_erase(SySession *session, uint64_t now_us)
{
  SyStream *stream = &session->stream;

  if (stream->answered)
    return;
  stream->answered = true;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_ERASED,
                                     .number = (uint32_t)((now_us - session->write_us) / 1000)});
}

static void take_news(SySession *session, const WireDataStatus *status, uint64_t now_us)
{
  end_erase(session, now_us);
  take_map(session, status);
  if (!status->verified) {
    session->progress.counts.repeats++;
    sy_session_set_block(session, status->block, SY_BLOCK_FAILED);
  }
}

static void take_status(SySession *session, unsigned at, const WireFrame *frame, uint64_t now_us)
{
  SyStream *stream = &session->stream;
  const SyFlight *flight = &stream->flights[at];
  WireDataStatus status;

  if (!wire_data_status_read(frame, &status) || status.block != flight->block ||
      status.missing > session->progress.blocks_total ||
      (status.verified && !says_there(&status, status.block))) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  if (stream->answered && status.verified) /* else a sector was erased before that */
    sy_session_measure(session, frame, (uint64_t)flight->count * BLOCK_US, now_us);
  take_news(session, &status, now_us);
  drop_flights(session, at + 1);
  sy_session_update_progress(session, now_us);
}

/* An answer that came when we had given its frame up, because a sector was erased anew: where the
 * transfer stands is news all the same. */
static bool take_late(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  WireDataStatus status;

  if (!wire_data_status_read(frame, &status) || status.block >= session->progress.blocks_total ||
      status.missing > session->progress.blocks_total)
    return false;
  take_news(session, &status, now_us);
  sy_session_update_progress(session, now_us);
  return true;
}

/* A sector was erased anew, and what was under way is now too far ahead of it. Which blocks are
 * gone is told with the next answer; should the one that told it be lost, this asks for another. */
static void ask_for_map(SySession *session, uint16_t block)
{
  uint16_t window = session->result.identity.window;

  if (block >= window && session->stream.sends[block - window] == SY_SEND_THERE)
    session->stream.sends[block - window] = SY_SEND_WAITS;
}

/* What was damaged on the way, leans on what is not there, or lies beyond the window because a
 * sector before it had to be erased anew, is sent again, otherwise packed. Everything else is
 * final. */
static bool is_passing(const SySession *session, const WireNak *nak)
{
  return nak->cause == WIRE_CAUSE_DAMAGED || nak->cause == WIRE_CAUSE_UNPACKABLE ||
         (nak->cause == WIRE_CAUSE_OUT_OF_RANGE && nak->detail == session->progress.blocks_total);
}

static void take_refusal(SySession *session, unsigned at, const WireNak *nak)
{
  SyStream *stream = &session->stream;
  SyFlight flight = stream->flights[at];

  sy_session_note_refusal(session, nak);
  if (nak->cause == WIRE_CAUSE_OUT_OF_RANGE)
    ask_for_map(session, flight.block);
  for (unsigned i = at; i > 0; i--) /* those before it are answered by what comes later */
    stream->flights[i] = stream->flights[i - 1];
  stream->flights[0] = flight;
  drop_flights(session, 1);
}

static bool is_waited_for(const SySession *session)
{
  return session->step == SY_STEP_DATA || session->step == SY_STEP_COMMIT;
}

/* A refusal that is final whenever it comes: the erase is done behind BEGIN's answer, and a block
 * that failed for good may be told when we had given its frame up. */
static bool is_final(const SySession *session, const WireNak *nak)
{
  if (nak->type == WIRE_BEGIN)
    return nak->cause != WIRE_CAUSE_DAMAGED; /* its caller asks for the step */
  return nak->type == WIRE_DATA && !is_passing(session, nak);
}

/* An answer to a frame that was given up: they come in order, and each once. What a line or
 * substation repeats without end is not patience that is asked for. */
static bool is_late(const SySession *session, const WireFrame *frame)
{
  uint8_t since = (uint8_t)(frame->seq - session->stream.answered_seq);

  return since != 0 && since <= (uint8_t)(session->seq - session->stream.answered_seq);
}

/* COMMIT is asked, and blocks in front of it are still being answered. */
static void rearm_commit(SySession *session, uint64_t now_us)
{
  uint32_t timeout_us = sy_session_step_row(SY_STEP_COMMIT)->timeout_us;

  sy_session_set_deadline(session, now_us + sy_session_patience_us(session, timeout_us));
  if (session->stream.count == 0)
    sy_session_set_phase(session, SY_PHASE_COMMIT, now_us);
}

/* An answer to the probe, or that it cannot be answered: what was sent before it and is not
 * answered was lost, or only its answer. One of them alone asks what is there. */
static bool take_probe(SySession *session, const WireFrame *frame, const WireNak *nak,
                       uint64_t now_us)
{
  SyStream *stream = &session->stream;
  unsigned lost = 0;

  if (!stream->probing || frame->seq != stream->probe_seq ||
      (nak ? nak->type != WIRE_ECHO : frame->type != (WIRE_ECHO | WIRE_REPLY)))
    return false;
  stream->probing = false;
  if (session->step != SY_STEP_DATA) /* COMMIT tells it all */
    return true;
  while (lost < stream->count &&
         (uint8_t)(stream->probe_seq - stream->flights[lost].seq) <= SY_SESSION_ASKED)
    lost++;
  stream->probed = lost > 0;
  drop_flights(session, lost);
  rearm(session, now_us);
  sy_session_fill(session, now_us);
  return true;
}

bool sy_session_take_data(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  SyStream *stream = &session->stream;
  unsigned at = 0;
  WireNak nak;
  bool refused = frame->type == WIRE_NAK && wire_nak_read(frame, &nak);

  if (!is_waited_for(session))
    return false;
  if (refused && is_final(session, &nak)) {
    sy_session_note_refusal(session, &nak);
    sy_session_fail(session, SY_REASON_NAK, now_us);
    return true;
  }
  if (take_probe(session, frame, refused ? &nak : NULL, now_us))
    return true;
  while (at < stream->count && stream->flights[at].seq != frame->seq)
    at++;
  if (refused ? nak.type != WIRE_DATA || at == stream->count
              : frame->type != (WIRE_DATA | WIRE_REPLY) ||
                    (at == stream->count && !is_late(session, frame)))
    return false;
  if (!refused)
    stream->answered_seq = frame->seq;
  stream->attempts = 0;
  stream->probed = false;
  if (refused)
    take_refusal(session, at, &nak);
  else if (at < stream->count)
    take_status(session, at, frame, now_us);
  else if (!take_late(session, frame, now_us))
    return false;
  if (session->step == SY_STEP_DATA) {
    rearm(session, now_us);
    sy_session_fill(session, now_us);
  } else if (session->step == SY_STEP_COMMIT) { /* which waits for its turn behind them */
    rearm_commit(session, now_us);
  }
  return true;
}

void sy_session_send_missing(SySession *session, uint32_t block, uint64_t now_us)
{
  SyStream *stream = &session->stream;

  drop_flights(session, stream->count);
  if (stream->sends[block] == SY_SEND_THERE)
    session->progress.counts.repeats++; /* the seal did not hold, or its sector is gone */
  stream->sends[block] = SY_SEND_WAITS;
  session->step = SY_STEP_DATA;
  sy_session_set_phase(session, SY_PHASE_WRITE, now_us);
  rearm(session, now_us);
  sy_session_fill(session, now_us);
}

/* Not twice without an answer to DATA between: then it is DATA that does not come through. */
static bool may_probe(const SySession *session)
{
  const SyStream *stream = &session->stream;

  return can_probe(session) && stream->count > 0 && stream->attempts <= PROBES && !stream->probed;
}

/* Whether anybody is there is asked with as little as can be: what is under way may only be late,
 * and then nothing of it is sent twice. All that is asked in one silence is one question. */
static void probe(SySession *session, uint64_t now_us)
{
  SyStream *stream = &session->stream;

  if (!stream->probing || stream->attempts == 1)
    stream->probe_seq = ++session->seq;
  stream->probing = true;
  session->data_frames++;
  sy_session_send(session, WIRE_ECHO, stream->probe_seq, 0);
  rearm(session, now_us);
}

/* Nothing was answered: one frame at a time asks whether anybody is there, and what is missing. */
void sy_session_handle_data_timeout(SySession *session, uint64_t now_us)
{
  SyStream *stream = &session->stream;

  if (session->out_sent < session->out_length) { /* a line that is slower than our patience */
    rearm(session, now_us);
    if (++stream->attempts <= ATTEMPTS)
      return;
  } else if (++stream->attempts <= ATTEMPTS &&
             !sy_session_is_rate_dead(session, stream->attempts, RATE_ATTEMPTS, now_us)) {
    session->progress.counts.timeouts++;
    sy_session_emit(session, (SyEvent){.kind = SY_EVENT_TIMEOUT,
                                       .request = WIRE_DATA,
                                       .block = lowest_not(session, SY_SEND_THERE),
                                       .number = stream->attempts + 1});
    if (may_probe(session)) {
      probe(session, now_us);
    } else {
      drop_flights(session, stream->count);
      sy_session_fill(session, now_us);
    }
    return;
  }
  if (!sy_session_slow_down(session, now_us))
    sy_session_fail_silent(session, now_us);
}
