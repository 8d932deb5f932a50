// Puts a field above a long <select> that keeps only the choices with the typed words.
export function filterChoices(select) {
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  const input = document.createElement('input');
  input.type = 'search';
  input.className = 'filter';
  input.placeholder = '输入名称筛选';
  input.autocomplete = 'off';
  input.setAttribute('aria-label', `筛选${label ? label.textContent.trim() : '选项'}`);
  const groups = [...select.querySelectorAll('optgroup')].map((group) => [group, [...group.children]]);
  input.addEventListener('input', (event) => {
    event.stopPropagation();
    const words = input.value.trim();
    for (const [group, options] of groups) {
      const all = !words || group.label.includes(words);
      group.replaceChildren(...options.filter((option) => all || option.selected || option.textContent.includes(words)));
      group.hidden = !group.children.length;
    }
  });
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });
  select.before(input);
}
