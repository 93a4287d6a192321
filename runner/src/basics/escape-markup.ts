/** Text inside an element or an attribute of HTML and XML, whatever stands in it. */
export const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
