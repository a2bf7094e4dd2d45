-- Whether a page of a conversation's items can be too large to hold is known before they are read.
-- A pod of the previous release that appends meanwhile does not keep this up; pages with its items are as large as before.
ALTER TABLE conversations ADD COLUMN largest_item integer NOT NULL DEFAULT 0;

UPDATE conversations c SET largest_item = i.largest
FROM (
    SELECT project_id, conversation_id, max(octet_length(body::text)) AS largest FROM items
    GROUP BY project_id, conversation_id
) i
WHERE c.project_id = i.project_id AND c.id = i.conversation_id;
