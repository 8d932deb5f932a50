// Shows what was chosen in a file field: small pictures for photos, names for the rest.
const MEGABYTE = 1024 * 1024;

export function preview(input) {
  const old = input.parentElement.querySelector('.previews');
  if (old) {
    old.querySelectorAll('img').forEach((image) => URL.revokeObjectURL(image.src));
    old.remove();
  }
  if (!input.files.length) return;
  const box = document.createElement('div');
  box.className = 'previews';
  for (const file of input.files) box.append(file.type.startsWith('image/') ? picture(file) : name(file));
  input.after(box);
}

function picture(file) {
  const image = document.createElement('img');
  image.src = URL.createObjectURL(file);
  image.alt = `已选择：${file.name}`;
  return image;
}

function name(file) {
  const words = document.createElement('span');
  words.textContent = `${file.name}（${(file.size / MEGABYTE).toFixed(1)} MB）`;
  return words;
}
