// Connects the page's controls to a session.

import { listenToKeys } from "./keys.js";
import { listLocalNets, LocalNet, noLocalNetError, WITHOUT_SERVER } from "./local_net.js";
import { listModels, OfferedModels } from "./offered_models.js";
import { saveText } from "./recording.js";
import { RestClient } from "./rest_client.js";
import { ServingError } from "./serving_error.js";
import { Session } from "./session.js";
import { openCamera, openFile } from "./sources.js";
import { View } from "./view.js";

const element = (id) => document.getElementById(id);
const view = new View();
const query = new URLSearchParams(location.search);
let offersOwnNets = false; // whether the buttons are nets of this page, not models of a server
const offered = new OfferedModels(element("offered"), (name) => {
  if (offersOwnNets) {
    attempt(() => runHere(name));
    return;
  }
  element("model").value = name;
  element("version").value = "";
  attempt(connect);
});
const session = new Session(view);
view.refresh = () => view.update(session);

/** Carries out a user's action and shows errors. */
async function attempt(work) {
  view.hideProblem();
  try {
    await work();
  } catch (error) {
    view.showProblem(error);
  }
  view.refresh();
}

async function connect() {
  const client = makeClient();
  await open(client, `Connecting to ${client.address} …`);
}

/** Runs one of the page's own nets in this browser: the named one, or the first. */
async function runHere(name) {
  const { models, backends } = await listLocalNets();
  if (!models.length) throw noLocalNetError();
  const entry = models.find((model) => model.name === name) ?? models[0];
  offersOwnNets = true;
  offered.show(models.map((model) => model.name));
  const wanted = query.get("backend");
  await open(new LocalNet(entry, wanted ? [wanted] : backends), `Loading ${entry.name} into this browser …`);
}

/** Connects to the server; if none answers, runs a net of this page. */
async function connectOrRunHere() {
  try {
    return await connect();
  } catch (error) {
    if (error.kind !== "unreachable") throw error;
    if ((await listLocalNets()).models.length) return runHere();
    error.help += ` Without a server: ${WITHOUT_SERVER}`;
    throw error;
  }
}

async function open(client, title) {
  view.setText("status", title);
  view.setText("about", "");
  try {
    await session.connectTo(client);
  } catch (error) {
    view.setText("status", "Not connected.");
    throw error;
  }
  if (session.client !== client) return;
  offered.mark(client.model);
  const { version, skeleton, card, notes, engine } = session.model;
  view.list(skeleton);
  const where = engine ? `Running in this browser (${engine})` : "Connected";
  view.setText("status", `${where}: ${client.model}, version ${version}`);
  const size = card?.input_size_hw ? `, net input ${card.input_size_hw.toReversed().join(" × ")} px` : "";
  const joints = skeleton ? `${skeleton.joints.length} joints (${skeleton.name || "unnamed"})${size}.` : "";
  view.setText("about", [joints, ...notes].join(" ").trim());
}

/** Makes a client from the fields of the form. */
function makeClient() {
  const [address, model, version] = ["address", "model", "version"].map((id) => element(id).value.trim());
  if (!/^https?:\/\/[^/]/.test(address) || !URL.canParse(address)) {
    throw new ServingError("address", `"${address}" is not an address.`, "Enter one like `http://localhost:8501`.");
  }
  if (!model) throw new ServingError("address", "The name of the model is missing.", "Exports are named `pose`.");
  return new RestClient(address, model, version);
}

async function use(open, title) {
  view.setText("source", `Opening ${title} …`);
  try {
    await session.use(open);
  } catch (error) {
    view.setText("source", "No source selected.");
    throw error;
  }
  view.setText("source", title);
  if (!session.model) await connectOrRunHere();
}

element("server").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(connect);
});
element("file").addEventListener("change", () => {
  const [file] = element("file").files;
  element("file").value = ""; // so that the same file can be selected again
  if (file) attempt(() => use((listener) => openFile(file, listener), file.name));
});
element("camera").addEventListener("click", () => attempt(() => use(openCamera, "camera")));
element("clips").addEventListener("change", () => attempt(() => session.sendClips(element("clips").checked)));
element("pause").addEventListener("click", () => attempt(() => session.toggle()));
element("back").addEventListener("click", () => attempt(() => session.step(-1)));
element("forward").addEventListener("click", () => attempt(() => session.step(1)));
element("download").addEventListener("click", () => saveText(session.toJson(), "poses.json"));
listenToKeys({
  toggle: () => session.source?.canPause && attempt(() => session.toggle()),
  step: (frames) => session.source?.canStep && attempt(() => session.step(frames)),
});

// The local server serves this page at /demo/, next to its REST API. ?local=, ?server=, ?model= and ?version= take
// precedence. A page of another web server begins with its own net, if it has one.
const own = location.pathname.startsWith("/demo/") ? location.origin : null;
element("address").value = query.get("server") ?? own ?? "http://localhost:8501";
element("model").value = query.get("model") ?? "pose";
element("version").value = query.get("version") ?? query.get("label") ?? "";
if (query.has("local")) {
  attempt(() => runHere(query.get("local")));
} else if (own && !query.has("server")) {
  attempt(async () => {
    const names = await listModels();
    if (!names && (await listLocalNets()).models.length) return runHere(query.get("model"));
    offered.show(names ?? []);
    if (!query.has("model") && names?.length && !names.includes("pose")) element("model").value = names[0];
    return connectOrRunHere();
  });
} else if (query.has("server")) {
  attempt(connectOrRunHere);
} else {
  runHere(query.get("model")).catch((error) => {
    if (error.kind === "no-net") view.setText("about", `${error.message} ${error.help}`.replaceAll("`", ""));
    else view.showProblem(error);
    view.refresh();
  });
}
