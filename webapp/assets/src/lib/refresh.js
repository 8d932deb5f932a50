// A part of a page that goes on by itself: fetched anew every few seconds until it says that it is finished.
const SECONDS = 3;

export function refresh(part) {
  const again = async () => {
    if (document.hidden) return setTimeout(again, SECONDS * 1000);
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
      if (!answer.ok || answer.redirected) return undefined;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector(`[aria-labelledby="${part.getAttribute('aria-labelledby')}"]`);
      if (!fresh) return undefined;
      part.innerHTML = fresh.innerHTML;
      return fresh.hasAttribute('data-refresh') ? setTimeout(again, SECONDS * 1000) : undefined;
    } catch {
      return setTimeout(again, SECONDS * 1000); // the server may be starting anew
    }
  };
  setTimeout(again, SECONDS * 1000);
}
