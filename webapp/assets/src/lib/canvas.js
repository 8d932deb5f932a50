// Keeps a canvas as sharp as the screen and puts an earlier picture back on it.

// Sets the canvas to the screen's pixels; returns how its width changed (1 = as before, 0 = it is not shown).
export function fitToScreen(canvas) {
  const ratio = Math.max(window.devicePixelRatio || 1, 1);
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return 0;
  const before = Number(canvas.dataset.width) || width;
  canvas.dataset.width = width;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.getContext('2d').scale(ratio, ratio);
  return width / before;
}

// Decoded here rather than through an <img>: no address of a picture, nothing to allow in the page's policy.
export async function drawPicture(canvas, address) {
  const bytes = Uint8Array.from(atob(address.split(',')[1]), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const scale = Math.min(canvas.clientWidth / picture.width, canvas.clientHeight / picture.height);
  canvas.getContext('2d').drawImage(picture, 0, 0, picture.width * scale, picture.height * scale);
}
