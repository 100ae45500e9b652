/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the frames say: message types, causes and payload layouts. PROTOCOL.md §3 to §5.
 *
 * For each message with a payload there is a struct, a write function that fills a buffer of at
 * least the message's _LENGTH and returns the bytes written, and a read function that returns false
 * when the payload is too short. Longer payloads are read too, their tail is ignored: a later
 * version adds fields at the end. Values are not judged here. */

#pragma once

#include "wire-flash-map.h"
#include "wire-frame.h"

enum { WIRE_PROTOCOL_MAJOR = 1, WIRE_PROTOCOL_MINOR = 3 };

/* A request has bit 7 clear and its reply is the same number with bit 7 set. 0x40 to 0x7E come from
 * the substation unasked, with token and sequence 0. */
typedef enum {
  WIRE_IDENTIFY = 0x01,     /* program and loader; no payload */
  WIRE_ENTER_LOADER = 0x02, /* program: the upgrade command; loader: answered alike; WireEnter */
  WIRE_BEGIN = 0x03,        /* loader; WireBegin */
  WIRE_DATA = 0x04,         /* loader; WireData */
  WIRE_COMMIT = 0x05,       /* loader; WireCommit */
  WIRE_RUN = 0x06,          /* loader: leave, the jump program decides; no payload */
  WIRE_ABORT = 0x07,        /* loader: give the upgrade up and leave; no payload */
  WIRE_ECHO = 0x08,         /* program and loader; any payload, comes back as it went */
  WIRE_CONFIRM = 0x09,      /* program: the workstation heard the program on trial; WireConfirm */
  WIRE_GO_BACK = 0x0a,      /* program: run the program in the other bank; WireConfirm */
  WIRE_RATE = 0x0b,         /* loader: go on at another rate; WireRate */
  WIRE_READ = 0x0c,         /* loader: what lies in flash; WireRead, answered by WireReadBack */

  WIRE_READING = 0x40,  /* program; WireReading */
  WIRE_ANNOUNCE = 0x41, /* program and loader, once as they start; WireIdentity */
  WIRE_LEAVING = 0x42,  /* loader, before it leaves; WireLeaving */

  WIRE_REPLY = 0x80, /* bit that makes a reply of a request */
  WIRE_NAK = 0xff,   /* reply to anything that is refused; WireNak */
} WireType;

/* Why a request was refused. */
typedef enum {
  WIRE_CAUSE_NONE = 0,
  WIRE_CAUSE_UNKNOWN_TYPE = 1,    /* detail: the type */
  WIRE_CAUSE_BAD_LENGTH = 2,      /* the payload is too short; detail: bytes received */
  WIRE_CAUSE_NOT_NOW = 3,         /* right message, wrong time: DATA before BEGIN, say */
  WIRE_CAUSE_WRONG_PRODUCT = 4,   /* detail: the substation's product */
  WIRE_CAUSE_WRONG_BANK = 5,      /* not the idle bank; detail: the idle bank */
  WIRE_CAUSE_WRONG_SIZE = 6,      /* image length or block count does not fit; detail: most bytes */
  WIRE_CAUSE_OUT_OF_RANGE = 7,    /* block number; detail: number of blocks */
  WIRE_CAUSE_BAD_ENCODING = 8,    /* BEGIN in a way that is not known; detail: which */
  WIRE_CAUSE_ERASE_FAILED = 9,    /* detail: IAP status */
  WIRE_CAUSE_PROGRAM_FAILED = 10, /* three times; detail: block, and IAP status << 16 */
  WIRE_CAUSE_INCOMPLETE = 11,     /* commit with blocks missing; detail: the first of them */
  WIRE_CAUSE_BAD_IMAGE = 12,      /* no header, or another than BEGIN announced */
  WIRE_CAUSE_IMAGE_CRC = 13,      /* the CRC over what lies in flash is another */
  WIRE_CAUSE_RECORD_FAILED = 14,  /* no place in the record log takes the record */
  WIRE_CAUSE_DAMAGED = 15,        /* a frame with a right header and a wrong CRC: send it again */
  WIRE_CAUSE_ON_TRIAL = 16,       /* first the running program must be confirmed, or left */
  WIRE_CAUSE_SELF_TEST = 17,      /* detail: 0 not done yet, else what failed, WireSelfTest bits */
  WIRE_CAUSE_WRONG_IMAGE = 18,    /* another image than this runs; detail: its CRC-32 */
  WIRE_CAUSE_NO_OTHER = 19,       /* the other bank holds no whole program */
  WIRE_CAUSE_BAD_RATE = 20,       /* the UART cannot make it; detail: the rate */
  WIRE_CAUSE_UNPACKABLE = 21,     /* packed blocks lean on what is not there, or make no sense;
                                     detail: the first of them */
} WireCause;

typedef enum {
  WIRE_MODE_PROGRAM = 1,
  WIRE_MODE_LOADER = 2,
} WireMode;

typedef enum {
  WIRE_RESET_POWER_OR_PIN = 1,
  WIRE_RESET_WATCHDOG = 2,
} WireResetCause;

typedef enum {
  WIRE_BANK_EMPTY = 0,   /* no header */
  WIRE_BANK_DAMAGED = 1, /* header, but the CRC over the image is another */
  WIRE_BANK_VALID = 2,
  WIRE_BANK_UNCHECKED = 3, /* in ANNOUNCE, where nobody waits for a CRC: ask to know */
} WireBankState;

typedef enum {
  WIRE_LEAVING_RUN = 1,     /* asked by RUN */
  WIRE_LEAVING_ABORT = 2,   /* asked by ABORT */
  WIRE_LEAVING_SILENCE = 3, /* 10 s without a good frame */
  WIRE_LEAVING_FLASH = 4,   /* a block failed three times */
  WIRE_LEAVING_RUBBISH = 5, /* 10 s without a good frame, but with others */
} WireLeavingCause;

/* Where the substation stands between an old and a new program. */
typedef enum {
  WIRE_TRIAL_NONE = 0,      /* nothing is known: the record log does not tell */
  WIRE_TRIAL_RUNNING = 1,   /* the running program is on trial */
  WIRE_TRIAL_CONFIRMED = 2, /* the running program has proved itself */
  WIRE_TRIAL_RETURNED = 3,  /* the program in the other bank was left; see trial_cause */
} WireTrial;

/* Why a program on trial was left, or, while the trial runs, why an earlier start of it ended. */
typedef enum {
  WIRE_TRIAL_CAUSE_NONE = 0,
  WIRE_TRIAL_CAUSE_HANG = 1,      /* the watchdog ran out */
  WIRE_TRIAL_CAUSE_CRASH = 2,     /* undefined instruction or abort */
  WIRE_TRIAL_CAUSE_SELF_TEST = 3, /* its self-test failed */
  WIRE_TRIAL_CAUSE_NOT_HEARD = 4, /* nobody confirmed it in time */
  WIRE_TRIAL_CAUSE_STARTS = 5,    /* its starts were used up by resets or power cuts */
  WIRE_TRIAL_CAUSE_DAMAGED = 6,   /* its image is no longer whole */
  WIRE_TRIAL_CAUSE_OPERATOR = 7,  /* asked by GO_BACK */
} WireTrialCause;

enum {
  WIRE_TRIAL_STARTS = 3, /* of a program on trial, then the jump program goes back */
  WIRE_TRIAL_MS = 30000, /* from each start; then the program itself goes back */
};

/* What a program's self-test looked at and found wrong. */
typedef enum {
  WIRE_SELF_TEST_IMAGE = 1 << 0,  /* CRC over its own image */
  WIRE_SELF_TEST_INPUTS = 1 << 1, /* a conversion does not end */
} WireSelfTest;

/* Bits of WireIdentity.flags. */
typedef enum {
  WIRE_FLAG_WATCHDOG = 1 << 0,  /* the watchdog runs; whoever answers feeds it */
  WIRE_FLAG_USER_MODE = 1 << 1, /* the loader was entered from user mode, by SWI */
  WIRE_FLAG_SELF_TEST = 1 << 2, /* the program's self-test is done and passed */
} WireFlag;

/* WireBegin.encoding. */
typedef enum {
  WIRE_BEGIN_ANEW = 0, /* erase the bank */
  WIRE_BEGIN_KEEP = 1, /* keep what an earlier transfer of this very image has left in it */
} WireBeginMode;

/* Bits of WireIdentity.capabilities; a bit not named is 0 and reserved. */
typedef enum {
  WIRE_CAP_UPGRADE = 1 << 0, /* obeys ENTER_LOADER, or is the loader */
  WIRE_CAP_TRIAL = 1 << 1,   /* new programs start on trial; knows CONFIRM and GO_BACK */
  /* The loader's, which the program names for it: */
  WIRE_CAP_STREAM = 1 << 2, /* answers BEGIN before it erases, takes two blocks in a DATA */
  WIRE_CAP_PACKED = 1 << 3, /* takes packed blocks */
  WIRE_CAP_RATE = 1 << 4,   /* knows RATE */
  WIRE_CAP_RESUME = 1 << 5, /* BEGIN keeps what an interrupted transfer of the same image left */
  WIRE_CAP_READ = 1 << 6,   /* knows READ */
} WireCapability;

typedef struct {
  uint32_t state; /* WireBankState */
  uint32_t version;
  uint32_t length; /* bytes; 0 when EMPTY */
  uint32_t crc;
} WireBankIdentity;

/* Reply to IDENTIFY, and ANNOUNCE. The fields lie as in the payload, which the chip makes use of.
 */
typedef struct {
  uint8_t protocol_major;
  uint8_t protocol_minor;
  uint8_t mode;         /* WireMode: who answers */
  uint8_t running_bank; /* WireBank that runs, or that the jump program would start */
  uint32_t product;
  uint32_t part_id; /* IAP command 54; 16908050 is LPC2114 */
  uint32_t loader_version;
  uint32_t program_version; /* of the running bank; 0 with none */
  uint8_t reset_cause;      /* WireResetCause */
  uint8_t trial;            /* WireTrial */
  uint16_t boots;           /* since power was switched on */
  uint32_t capabilities;    /* WireCapability bits */
  uint16_t payload_max;     /* longest payload it takes, bytes */
  uint16_t window; /* how far behind the lowest missing DATA may reach, blocks; 1: one frame */
  uint32_t uptime_ms;
  WireBankIdentity banks[2]; /* LOW, HIGH */
  uint8_t trial_starts;      /* of the program on trial, this one counted */
  uint8_t trial_cause;       /* WireTrialCause */
  uint8_t flags;             /* WireFlag bits */
  uint8_t reserved;          /* 0 */
  uint16_t trial_left_s;     /* seconds until the program on trial gives up */
  uint16_t room;             /* bytes of unanswered frames it takes; 0: one frame */
} WireIdentity;
enum { WIRE_IDENTITY_LENGTH = 76, WIRE_IDENTITY_LENGTH_1_0 = 68 /* without the trial's fields */ };

/* ENTER_LOADER. The reply has no payload. */
typedef struct {
  uint32_t product;
} WireEnter;
enum { WIRE_ENTER_LENGTH = 4 };

typedef struct {
  uint8_t bank;     /* WireBank to write: the idle one */
  uint8_t encoding; /* WireBeginMode */
  uint16_t blocks;
  uint32_t product;
  uint32_t version;
  uint32_t length;
  uint32_t crc;
} WireBegin;
enum { WIRE_BEGIN_LENGTH = 20 };

/* Reply to BEGIN; WIRE_CAP_STREAM: sent before the bank is erased, else behind that. */
typedef struct {
  uint8_t bank;
  uint8_t reserved;
  uint16_t blocks;
  uint16_t missing;  /* lowest block that is not verified yet; == blocks when none is missing */
  uint16_t erase_ms; /* what the erase took, if it came before the reply */
  uint8_t verified[(WIRE_BLOCKS_MAX + 7) / 8]; /* bit n: block n is verified. 1.1 has none: all 0 */
} WireBegun;
enum {
  WIRE_BEGUN_LENGTH_1_1 = 8,
  WIRE_BEGUN_LENGTH = WIRE_BEGUN_LENGTH_1_1 + (WIRE_BLOCKS_MAX + 7) / 8
};

/* One block or more that follow each other. Those of version 1.1 are one that is not packed. */
typedef struct {
  uint16_t block; /* the first */
  uint8_t count;  /* 1 to WIRE_DATA_BLOCKS_MAX */
  bool packed;
  uint16_t length;      /* of bytes; not packed: count blocks */
  const uint8_t *bytes; /* borrowed */
} WireData;
enum {
  WIRE_DATA_BLOCKS_MAX = 2,
  WIRE_DATA_HEAD = 2,
  WIRE_DATA_LENGTH_MAX = WIRE_DATA_HEAD + WIRE_DATA_BLOCKS_MAX * WIRE_BLOCK_SIZE
};

/* Reply to DATA: where the whole transfer stands, so that any one of them can be lost. */
typedef struct {
  uint16_t block;     /* the one just done, or the first of them */
  uint8_t verified;   /* 1: read back and equal. 0: it failed, its sector was erased: send again
                         what `missing` and `following` say */
  uint8_t repeats;    /* times its sector has been erased anew in this upgrade */
  uint16_t missing;   /* lowest block that is not verified */
  uint32_t following; /* bit n: block missing + 1 + n is verified */
} WireDataStatus;
enum { WIRE_DATA_STATUS_LENGTH = 10 };

typedef struct {
  uint32_t length;
  uint32_t crc;
} WireCommit;
enum { WIRE_COMMIT_LENGTH = 8 };

/* What became of the loader's time since it started, and what its line saw. Times are clocks of
 * the processor (11.0592 MHz), counted modulo 2^32. */
typedef enum {
  WIRE_LIFE_UART_CLOCKS,    /* in the UART's interrupt, which receives and sends */
  WIRE_LIFE_UART_COUNT,     /* of those interrupts */
  WIRE_LIFE_TICK_CLOCKS,    /* in the clock's interrupt */
  WIRE_LIFE_TICK_COUNT,     /* clock interrupts */
  WIRE_LIFE_BYTES,          /* received, good or not */
  WIRE_LIFE_OVERRUNS,       /* times bytes were lost, in the UART or in a full ring */
  WIRE_LIFE_FRAME_CLOCKS,   /* finding frames in them and checking their CRC */
  WIRE_LIFE_HANDLE_CLOCKS,  /* doing what they ask: unpacking, reading back, and the next two */
  WIRE_LIFE_PROGRAM_CLOCKS, /* of that, the ROM programming blocks */
  WIRE_LIFE_ERASE_CLOCKS,   /* erasing sectors */
  WIRE_LIFE_BLOCKS,         /* blocks programmed */
  WIRE_LIFE_COUNT,
} WireLifeField;

typedef struct {
  uint32_t fields[WIRE_LIFE_COUNT];
} WireLife;

/* Reply to COMMIT; repeated as it was when COMMIT is repeated. */
typedef struct {
  uint32_t bank;     /* WireBank */
  uint32_t sequence; /* of the bank record written */
  uint32_t crc;      /* as computed over flash */
  WireLife life;     /* 1.1 has none: all 0 */
} WireCommitted;
enum {
  WIRE_COMMITTED_LENGTH_1_1 = 12,
  WIRE_COMMITTED_LENGTH = WIRE_COMMITTED_LENGTH_1_1 + 4 * WIRE_LIFE_COUNT
};

/* The rate that both go to behind the reply, which has the same payload and comes at the old one.
 */
typedef struct {
  uint32_t baud;
} WireRate;
enum { WIRE_RATE_LENGTH = 4, WIRE_RATE_DEFAULT = 115200 };

/* What a rate must show: the loader goes back to WIRE_RATE_DEFAULT when it hears no good frame for
 * so long behind RATE, and later. */
enum { WIRE_RATE_PROOF_MS = 300, WIRE_RATE_SILENCE_MS = 1500 };

/* From LEAVING at a raised rate until somebody else begins at WIRE_RATE_DEFAULT: an adapter takes
 * 16 ms to tell, and as little again to follow. */
enum { WIRE_RATE_LEAVING_MS = 30 };

/* A page of the flash, from 0: the answer holds what is read there. */
typedef struct {
  uint8_t page; /* bits 0 to 6; bit 7 is reserved, and the loader does not look at it */
} WireRead;
enum {
  WIRE_READ_LENGTH = 1,
  WIRE_PAGE_SIZE = 1024,
  WIRE_PAGE_COUNT = WIRE_FLASH_SIZE / WIRE_PAGE_SIZE,
  /* What no READ can show: in the loader the vectors in RAM lie over these (UM10114 §6.8), and the
   * last sector is the ROM's. */
  WIRE_READABLE_START = 0x40,
  WIRE_READABLE_END = WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE,
};

/* Reply to READ: which page it is, its token and sequence number tell. */
typedef struct {
  const uint8_t *bytes; /* WIRE_PAGE_SIZE; borrowed from the frame */
} WireReadBack;
enum { WIRE_READ_BACK_LENGTH = WIRE_PAGE_SIZE };

/* CONFIRM: says which program was heard. GO_BACK: which is to be left; the reply has no payload. */
typedef struct {
  uint32_t crc; /* of its image */
} WireConfirm;
enum { WIRE_CONFIRM_LENGTH = 4 };

/* Reply to CONFIRM; repeated as it was when CONFIRM is repeated. */
typedef struct {
  uint32_t sequence; /* of the bank record that confirms; 0 when there was none to write */
} WireConfirmed;
enum { WIRE_CONFIRMED_LENGTH = 4 };

typedef struct {
  uint8_t cause; /* WireCause */
  uint8_t type;  /* of the request */
  uint16_t reserved;
  uint32_t detail;
} WireNak;
enum { WIRE_NAK_LENGTH = 8 };

enum { WIRE_CHANNELS = 4 };
typedef struct {
  uint32_t uptime_ms;
  uint16_t number;              /* counts readings, wraps */
  uint16_t raw[WIRE_CHANNELS];  /* ADC counts, 0 to 1023 */
  int16_t value[WIRE_CHANNELS]; /* processed: tenths of the channel's unit */
} WireReading;
enum { WIRE_READING_LENGTH = 22 };

typedef struct {
  uint8_t cause; /* WireLeavingCause */
  uint8_t bank;  /* WireBank that will run */
} WireLeaving;
enum { WIRE_LEAVING_LENGTH = 2 };

size_t wire_identity_write(const WireIdentity *message, uint8_t *to);
bool wire_identity_read(const WireFrame *frame, WireIdentity *message);
size_t wire_enter_write(const WireEnter *message, uint8_t *to);
bool wire_enter_read(const WireFrame *frame, WireEnter *message);
size_t wire_begin_write(const WireBegin *message, uint8_t *to);
bool wire_begin_read(const WireFrame *frame, WireBegin *message);
size_t wire_begun_write(const WireBegun *message, uint8_t *to);
bool wire_begun_read(const WireFrame *frame, WireBegun *message);
size_t wire_data_write(const WireData *message, uint8_t *to);
bool wire_data_read(const WireFrame *frame, WireData *message);
size_t wire_data_status_write(const WireDataStatus *message, uint8_t *to);
bool wire_data_status_read(const WireFrame *frame, WireDataStatus *message);
size_t wire_commit_write(const WireCommit *message, uint8_t *to);
bool wire_commit_read(const WireFrame *frame, WireCommit *message);
size_t wire_committed_write(const WireCommitted *message, uint8_t *to);
bool wire_committed_read(const WireFrame *frame, WireCommitted *message);
size_t wire_rate_write(const WireRate *message, uint8_t *to);
bool wire_rate_read(const WireFrame *frame, WireRate *message);
size_t wire_read_write(const WireRead *message, uint8_t *to);
bool wire_read_read(const WireFrame *frame, WireRead *message);
size_t wire_read_back_write(const WireReadBack *message, uint8_t *to);
bool wire_read_back_read(const WireFrame *frame, WireReadBack *message);
size_t wire_confirm_write(const WireConfirm *message, uint8_t *to);
bool wire_confirm_read(const WireFrame *frame, WireConfirm *message);
size_t wire_confirmed_write(const WireConfirmed *message, uint8_t *to);
bool wire_confirmed_read(const WireFrame *frame, WireConfirmed *message);
size_t wire_nak_write(const WireNak *message, uint8_t *to);
bool wire_nak_read(const WireFrame *frame, WireNak *message);
size_t wire_reading_write(const WireReading *message, uint8_t *to);
bool wire_reading_read(const WireFrame *frame, WireReading *message);
size_t wire_leaving_write(const WireLeaving *message, uint8_t *to);
bool wire_leaving_read(const WireFrame *frame, WireLeaving *message);
