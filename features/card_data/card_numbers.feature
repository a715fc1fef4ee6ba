@card-data @pci-3.5.1 @pci-12.10.7 @cwe-532 @cwe-312 @cwe-359 @asvs-V14.2.4 @asvs-V16.2.5
Feature: A card number never settles in the shop

  Where a card number has been once it will be found: in a log, a backup, an error report. A shop that uses its provider's
  fields never needs one, and what a shopper or an attacker pushes into it anyway must not stay.

  @critical @defect-P01 @defect-P02
  Scenario Outline: A card number typed into <field> is kept nowhere
    When an attacker puts a card number into <field>
    Then the card number is found nowhere in what the shop answered
    And the card number is found nowhere in what the shop wrote down

    Examples: Fields of an order
      | field                     |
      | the e-mail address        |
      | the article number        |
      | the quantity              |
      | the currency              |
      | a field nobody asked for  |

    Examples: Around it
      | field                     |
      | the order number          |
      | the address of the page   |
      | the browser's name        |
      | the repetition key        |
      | the access token          |
      | the refund's reason       |
      | the evidence of a dispute |

  @critical @defect-P03 @pci-3.3.1 @pci-3.3.1.2
  Scenario Outline: A security code typed into <field> is kept nowhere
    When an attacker puts a card with its security code into <field>
    Then the security code is found nowhere in what the shop answered
    And the security code is found nowhere in what the shop wrote down

    Examples:
      | field                     |
      | a field nobody asked for  |
      | the address of the page   |

  @critical @defect-P01 @defect-W37
  Scenario: A card number in a forged event is kept nowhere
    Given a shopper with an unpaid order of 49.99 EUR
    When an attacker posts an event with a card number to the webhook door
    Then the card number is found nowhere in what the shop answered
    And the card number is found nowhere in what the shop wrote down

  @critical @defect-P01
  Scenario: A card number in a body that cannot be read is kept nowhere
    When an attacker puts a card number into a body that cannot be read
    Then the answer is a refusal, not an error of the server
    And the card number is found nowhere in what the shop answered
    And the card number is found nowhere in what the shop wrote down

  @critical @defect-P01 @defect-P02 @pci-3.4.1
  Scenario: An ordinary day leaves no card number behind
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card that is declined
    And the shopper pays with a Visa card
    And the order is seen as paid
    And the operator refunds 20.00 EUR
    Then the order is partly refunded
    And no card data is found in what the shop answered or wrote down
