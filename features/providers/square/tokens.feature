@payments @pci-6.2.4 @pci-3.3.1 @cwe-345 @cwe-837 @asvs-V2.2.1 @asvs-V2.3.3 @wstg-BUSL-05
Feature: The token of the card form pays once, and only for what the shop says

  Square's card form gives the browser a token, and the browser gives it to the shop. So a token is a thing that a
  stranger can hold: what it pays, how much, and how often, is the shop's to say.

  @critical @defect-R10 @defect-W23
  Scenario Outline: A token that is handed over <times> times at once pays once
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper types a Visa card into the provider's form
    When the shopper hands the token to the shop <times> times at once
    Then the order is paid
    And the order is fulfilled once
    And the provider counts 1 charge
    And the provider has 49.99 EUR captured

    Examples:
      | times |
      | 2     |
      | 8     |

  @critical @defect-C01
  Scenario: A browser cannot say what its token pays
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper types a Visa card into the provider's form
    When the shopper hands the token to the shop with a price of their own
    Then the answer is a refusal, not an error of the server
    And the order stays unpaid
    And the provider counts 0 charges

  @critical @defect-C09 @cwe-639
  Scenario Outline: Nobody pays with <source> through the shop's page
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an attacker names <source> in place of a card
    Then the answer is a refusal, not an error of the server
    And the order stays unpaid
    And the provider counts 0 charges
    And nothing is fulfilled

    Examples:
      | source                          |
      | cash                            |
      | a payment outside of Square     |
      | somebody else's stored card     |
      | somebody's bank account         |
      | the address of another payment  |

  @high @defect-R03 @defect-R04
  Scenario: A repetition key of the browser's own is not the shop's
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper types a card that is declined into the provider's form
    And the shopper hands the token to the shop under a repetition key of their own
    And the shopper types a Visa card into the provider's form
    And the shopper hands the token to the shop under a repetition key of their own
    Then the order is paid
    And the provider has 49.99 EUR captured

  @high @defect-R04
  Scenario: The token of another order pays nothing
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    And another shopper who paid 49.99 EUR
    When the shopper hands the token of the other order to the shop
    Then the shopper is told that the payment may be tried again
    And the order stays unpaid
    And nothing is fulfilled

  @medium @defect-R04 @simulator-only
  Scenario: A token that lay about for a day is entered anew
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper types a Visa card into the provider's form
    And 25 hours pass
    And the shopper hands the token to the shop
    Then the shopper is told that the payment may be tried again
    And the order stays unpaid
    When the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once

  @high @defect-R04
  Scenario Outline: <card> is refused with a reason, and another card pays
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with <card>
    Then the shopper is told that <message>
    And the order stays unpaid
    When the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured

    Examples:
      | card                                | message                         |
      | a card with a wrong postal code     | the payment may be tried again  |
      | a card whose token was used before  | the payment may be tried again  |
      | a card whose bank was never asked   | the payment may be tried again  |

  @medium @defect-B06
  Scenario: A check that fails unseen does not stop a payment that Square takes
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a card whose bank's check fails unseen
    Then the order is paid
    And the order is fulfilled once

  @medium @defect-R01
  Scenario: A gift card pays like any other
    Given a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a gift card
    Then the order is paid
    And every call that moved money carried a key of its own
    And the books balance and agree with the provider

  @high @defect-F07 @defect-C03
  Scenario: A currency that the location does not take is not begun
    When the shopper asks to pay an order of 5000 JPY
    Then the answer is a refusal, not an error of the server
    And the order stays unpaid
    And the provider counts 0 payments
