/** What the two threads say to each other. A frame's kind is one of these plus how its payload travels. */

/** Loop to worker: open the object. Payload: `[module, export, init]`. */
export const OPEN = 1
/** Loop to worker: call a method. Extra: the method's number. Payload: the arguments. */
export const CALL = 2
/** Loop to worker: a method's number. Id: the number. Payload: the name. */
export const DEFINE = 3
/** Loop to worker: close the object and end the thread. */
export const CLOSE = 4
/** Loop to worker: drop the payload of a call that was withdrawn when a part of it was already on its way. */
export const DISCARD = 5
/** Worker to loop: the value of a call. */
export const RESULT = 6
/** Worker to loop: a call threw. Payload: the portrait of what it threw. */
export const FAILURE = 7
/** Worker to loop: the module or export to open is not there. Payload: `OpenProblem`. */
export const NOT_FOUND = 8
/** Worker to loop: the value of a call cannot cross. Payload: `[path, kind, reason]`. */
export const UNSENDABLE = 9
/**
 * Either way: a part of a payload. Extra: the bytes of the whole. The message that it belongs to follows the last
 * part.
 */
export const PIECE = 10
/** Loop to worker: call a method and iterate what it returns. Extra: the method's number. Payload: `[bufferSize, args]`. */
export const STREAM = 11
/** Loop to worker: the oldest batch of a stream was used. */
export const ACKNOWLEDGE = 12
/** Loop to worker: no more items of a stream are wanted. Its RESULT or FAILURE follows. */
export const STOP = 13
/** Worker to loop: a batch of a stream's items. Payload: a sequence. */
export const ITEMS = 14
/** Worker to loop: a batch of one item, which had to be cloned. Payload: the item. */
export const ITEM = 15
/** Loop to worker: a CALL that can be taken back until the worker claims it. */
export const OFFER = 16
/**
 * Worker to loop: what the code of a call, or of none (0), says before its answer. Payload: a `Report`. What the worker
 * says beside its answers and items has the numbers from here on.
 */
export const REPORT = 17
/** Worker to loop: what nobody caught, which may end the thread. Payload: a `Portrait`. */
export const UNCAUGHT = 18

/** Of a method's number: the payload is `[what the call brings along, the payload]`. */
export const BRINGS = 1 << 30

/** The payload is in the frame. */
export const IN_FRAME = 0
/** The payload came before, in pieces. */
export const IN_PIECES = 1 << 8
/** The payload is a structured clone in the next message on the port. */
export const ON_PORT = 2 << 8

/** The worker has taken an OFFER: it can not be taken back any more. */
export const CLAIMED = 1 << 16

/** To a process: a mark with the call's number is written to its outputs before the call begins. */
export const MARKED = 1 << 17

/** Takes the way of travelling off a frame's kind. */
export const KIND = 0xff

/** Why there was nothing to open. */
export type OpenProblem =
  | { readonly problem: "module"; readonly module: string; readonly reason: string }
  | {
      readonly problem: "export"
      readonly module: string
      readonly exportName: string
      readonly available: ReadonlyArray<string>
    }

/** What sending needs of a `MessagePort`. */
export interface Port {
  postMessage(value: unknown, transfer?: ReadonlyArray<object>): void
}

/** Takes the next message off a port without waiting, or returns `undefined` if there is none. */
export type Receive = () => { readonly message: unknown } | undefined

/**
 * What goes over the port is wrapped: Deno looks through every element of a plain object and of a typed array that
 * it receives, but not into a Map.
 */
export const wrap = (value: unknown): ReadonlyMap<number, unknown> => new Map([[0, value]])

/** The other half of `wrap`. */
export const unwrap = (message: unknown): unknown => (message as ReadonlyMap<number, unknown>).get(0)
