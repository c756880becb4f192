// Prepares image files for sending: the original bytes if the server decodes them as the browser does, else a JPEG.

/**
 * Whether a file can be sent unchanged: a JPEG or PNG without EXIF rotation, which the server ignores.
 *
 * @param {ArrayBuffer} buffer
 */
export function canSendAsIs(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength > 24 && view.getUint32(0) === 0x89504e47) return !hasExifChunk(view);
  return view.byteLength > 4 && view.getUint16(0) === 0xffd8 && jpegOrientation(view) === 1;
}

/** @returns {Promise<string>} base64 without line breaks */
export function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** @returns {Promise<Blob>} the frame as JPEG of quality 0.92, without alpha */
export function toJpeg(bitmap) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  canvas.getContext("2d", { alpha: false }).drawImage(bitmap, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no JPEG"))), "image/jpeg", 0.92);
  });
}

function hasExifChunk(view) {
  let at = 8;
  while (at + 8 <= view.byteLength) {
    if (view.getUint32(at + 4) === 0x65584966) return true; // "eXIf"
    at += 12 + view.getUint32(at);
  }
  return false;
}

/** Orientation from 1 to 8 (EXIF 2.3, tag 0x0112); 1 is upright and the default. */
function jpegOrientation(view) {
  let at = 2;
  while (at + 18 <= view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda) {
    if (view.getUint8(at + 1) === 0xff) {
      at += 1; // a byte that fills the space before a segment
      continue;
    }
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) return tiffOrientation(view, at + 10);
    at += 2 + view.getUint16(at + 2);
  }
  return 1;
}

function tiffOrientation(view, start) {
  const little = view.getUint16(start) === 0x4949;
  try {
    const directory = start + view.getUint32(start + 4, little);
    const entries = view.getUint16(directory, little);
    for (let i = 0; i < entries; i++) {
      const entry = directory + 2 + 12 * i;
      if (view.getUint16(entry, little) === 0x0112) return view.getUint16(entry + 8, little);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // ignore a directory that points beyond the end of the file
  }
  return 1;
}
