// Errors that a person can act on: what went wrong and, where it is known, what helps.

export class ServingError extends Error {
  /**
   * @param {string} kind one of "unreachable", "cors", "mixed", "timeout", "missing", "model", "refused", "answer"
   * @param {string} message what happened, as a sentence
   * @param {string} help what to do about it; `code` stands between backquotes
   */
  constructor(kind, message, help = "") {
    super(message);
    this.kind = kind;
    this.help = help;
  }
}

export function notReadable(address) {
  return new ServingError(
    "cors",
    `${address} answers, but does not let this page read what it says (CORS).`,
    "Start TensorFlow Serving or the local server with `--rest_api_enable_cors_support`, " +
      "or open the page that the local server itself has at `/demo/`.",
  );
}

export function notReachable(address) {
  return new ServingError(
    "unreachable",
    `No server answers at ${address}.`,
    "Is it running, and is this its REST port (`--rest_api_port`, 8501 by default)? " +
      "The gRPC port (8500) does not speak HTTP.",
  );
}

export function mixedContent(address) {
  return new ServingError(
    "mixed",
    `This page came by https; browsers do not let it read ${address}, which is http.`,
    "Open the page by http, or put the server behind https.",
  );
}

export function timedOut(address, seconds) {
  return new ServingError(
    "timeout",
    `${address} has not answered within ${seconds} s.`,
    "A model that has just been loaded may need long for its first answer: try again.",
  );
}

/** An answer with an error status; `text` is the server's own message. */
export function fromStatus(status, text, model) {
  const said = text ? ` The server says: ${text}` : "";
  // An unknown label is a bad request to TensorFlow Serving, an unknown version is not found.
  if (status === 404 || (status === 400 && /version label/i.test(text ?? ""))) {
    return new ServingError("missing", `There is no ${model} on this server.${said}`, "Check the name and the version.");
  }
  if (status === 413) {
    return new ServingError("refused", `The picture is larger than the server takes.${said}`, "Use a smaller one.");
  }
  return new ServingError("refused", `The server refused the request (HTTP ${status}).${said}`);
}
